//! The images of one product.

use std::collections::BTreeMap;

use command_api::http::import::ImportedImage;
use domain::value::{Locale, PRODUCT_IMAGES_MAX};

use super::cell;
use super::report::Refusal;

/// The images of one product, each address once.
#[derive(Clone, Debug, Default)]
pub(super) struct Images(Vec<Placed>);

/// What a file says that an image shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// In the shop's first language; none when the file says nothing of that.
    pub(super) alt: Option<String>,
    /// In others.
    pub(super) translations: BTreeMap<Locale, String>,
}

#[derive(Clone, Debug)]
struct Placed {
    /// As the file says; after all others when it says nothing.
    position: i64,
    image: ImportedImage,
}

impl Images {
    /// Adds an image, and gives its address; one that is there keeps its first place and its first words. Words that
    /// are none are not said, words that are empty are.
    pub(super) fn add(
        &mut self,
        line: u64,
        text: &str,
        words: Words,
        position: Option<i64>,
    ) -> Result<String, Refusal> {
        let position = position.unwrap_or(i64::MAX);
        let Some(url) = cell::address(text) else {
            let reason = "the image is at no http(s) address and no path of the server";
            return Err(Refusal::new(line, "image.address", reason));
        };
        if let Some(known) = self.0.iter_mut().find(|placed| placed.image.url == url) {
            known.position = known.position.min(position);
            if known.image.alt.as_deref().is_none_or(str::is_empty) && words.alt.is_some() {
                known.image.alt = words.alt;
            }
            for (locale, text) in words.translations {
                let said = known.image.translations.entry(locale).or_default();
                if said.is_empty() {
                    *said = text;
                }
            }
            return Ok(url);
        }
        if self.0.len() >= PRODUCT_IMAGES_MAX {
            let reason = format!("a product has at most {PRODUCT_IMAGES_MAX} images");
            return Err(Refusal::new(line, "image.too_many", reason));
        }
        let image = ImportedImage {
            url: url.clone(),
            alt: words.alt,
            translations: words.translations,
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
