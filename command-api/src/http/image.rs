//! Images that are uploaded: what they are is read from their bytes, never believed; they are called by their hash.

use std::fmt::Write;
use std::io;

use axum::http::StatusCode;
use imagesize::ImageType;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::limits::{IMAGE_BYTES_MAX, IMAGE_PIXELS_MAX};
use super::problem::Problem;

/// Where uploaded images lie.
pub trait ImageStore: Send + Sync + 'static {
    /// Keeps an image under its name for ever; one that is there already is the same. Blocks. It is durable when
    /// this returns.
    ///
    /// # Errors
    /// What the file system says.
    fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// An image that was looked at: what `POST /v1/images` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "UploadedImage")]
pub(crate) struct SeenImage {
    #[serde(rename = "__typename")]
    typename: &'static str,
    /// What `POST /v1/products/{product}/images` takes: a path of this server, good for ever.
    pub(crate) url: String,
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
    /// The hash of its bytes and what they are: `<SHA-256>.png`.
    #[serde(skip)]
    pub(crate) name: String,
}

/// Looks at bytes that somebody calls an image.
///
/// # Errors
/// They are no PNG, JPEG, GIF or WebP, or one that is larger than a shop needs.
pub(crate) fn look(bytes: &[u8]) -> Result<SeenImage, Problem> {
    let unknown = || {
        let detail = "the bytes are no PNG, JPEG, GIF or WebP image; SVG is not taken, because it can hold scripts";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "image.type", detail)
    };
    let suffix = match imagesize::image_type(bytes).map_err(|_| unknown())? {
        ImageType::Png => "png",
        ImageType::Jpeg => "jpg",
        ImageType::Gif => "gif",
        ImageType::Webp => "webp",
        _ => return Err(unknown()),
    };
    let size = imagesize::blob_size(bytes).map_err(|_| broken())?;
    let pixels = |side: usize| {
        u32::try_from(side)
            .ok()
            .filter(|side| (1..=IMAGE_PIXELS_MAX).contains(side))
    };
    let (Some(width), Some(height)) = (pixels(size.width), pixels(size.height)) else {
        let detail = format!("an image has from 1 to {IMAGE_PIXELS_MAX} pixels on each side");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "image.size", detail));
    };
    let name = format!("{}.{suffix}", hex(&Sha256::digest(bytes)));
    Ok(SeenImage {
        typename: "UploadedImage",
        url: format!("/images/{name}"),
        width,
        height,
        name,
    })
}

fn broken() -> Problem {
    let detail = "the image is cut off, or says nothing of its size";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "image.broken", detail)
}

/// It has more bytes than a shop needs.
pub(crate) fn too_large() -> Problem {
    let detail = format!("an image has at most {IMAGE_BYTES_MAX} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "image.too_large", detail)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
