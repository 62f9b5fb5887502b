//! The images of one product.

use command_api::http::import::ImportedImage;
use domain::value::PRODUCT_IMAGES_MAX;

use super::cell;
use super::columns::Column;
use super::report::Refusal;
use super::sheet::{Row, Sheet};

/// The images of one product, each address once.
#[derive(Clone, Debug, Default)]
pub(super) struct Images(Vec<Placed>);

#[derive(Clone, Debug)]
struct Placed {
    /// As the file says; after all others when it says nothing.
    position: i64,
    image: ImportedImage,
}

impl Images {
    /// Takes the image of a row, when it has one.
    pub(super) fn take(&mut self, sheet: &Sheet, row: &Row, refusals: &mut Vec<Refusal>) {
        let text = sheet.cell(row, Column::ImageAddress);
        if text.is_empty() {
            return;
        }
        let position = cell::whole(sheet.cell(row, Column::ImagePosition)).unwrap_or(i64::MAX);
        let alt = cell::line(sheet.cell(row, Column::ImageAlt));
        if let Err(refusal) = self.add(row.line, text, &alt, position) {
            refusals.push(refusal);
        }
    }

    /// Adds the image that shows a variant, after the product's own, and gives its address.
    pub(super) fn add_for_variant(&mut self, line: u64, text: &str) -> Result<String, Refusal> {
        self.add(line, text, "", i64::MAX)
    }

    fn add(&mut self, line: u64, text: &str, alt: &str, position: i64) -> Result<String, Refusal> {
        let Some(url) = cell::address(text) else {
            let reason = "the image is at no http(s) address and no path of the server";
            return Err(Refusal::new(line, "image.address", reason));
        };
        if let Some(known) = self.0.iter_mut().find(|placed| placed.image.url == url) {
            known.position = known.position.min(position);
            if known.image.alt.is_empty() {
                alt.clone_into(&mut known.image.alt);
            }
            return Ok(url);
        }
        if self.0.len() >= PRODUCT_IMAGES_MAX {
            let reason = format!("a product has at most {PRODUCT_IMAGES_MAX} images");
            return Err(Refusal::new(line, "image.too_many", reason));
        }
        let image = ImportedImage {
            url: url.clone(),
            alt: alt.to_owned(),
        };
        self.0.push(Placed { position, image });
        Ok(url)
    }

    /// All images by their positions.
    pub(super) fn finish(mut self) -> Vec<ImportedImage> {
        self.0.sort_by_key(|placed| placed.position);
        self.0.into_iter().map(|placed| placed.image).collect()
    }
}
