//! Images that are served: those that were uploaded, as files of a directory, and the drawings of the demo shop.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use command_api::http::ImageStore;
use tokio::sync::Semaphore;

use crate::demo;

/// Digits of a name before its suffix: a SHA-256.
const HASH_DIGITS: usize = 64;
/// Suffixes and their media types.
const TYPES: [(&str, &str); 4] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];
/// Most files that are read at once: their bytes are in memory.
const READ_AT_ONCE_MAX: usize = 32;
/// What is called by its hash never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A drawing may change with the program.
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");
/// Nothing in an image runs or loads anything, whoever opens it by itself.
const NOTHING_RUNS: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Uploaded images, each a file that is called by the hash of its bytes.
pub(crate) struct ImageFiles {
    root: PathBuf,
    reading: Semaphore,
    /// Tells apart the files that are being written.
    written: AtomicU64,
}

impl ImageFiles {
    /// Those in a directory, which is made when it is not there.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        Ok(Self {
            root: root.to_owned(),
            reading: Semaphore::new(READ_AT_ONCE_MAX),
            written: AtomicU64::new(0),
        })
    }

    /// The bytes of an image and their media type; none when there is no such image.
    async fn read(&self, name: &str) -> io::Result<Option<(Vec<u8>, &'static str)>> {
        let Some(media_type) = media_type(name) else {
            return Ok(None);
        };
        let _turn = self.reading.acquire().await;
        match tokio::fs::read(self.root.join(name)).await {
            Ok(bytes) => Ok(Some((bytes, media_type))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl ImageStore for ImageFiles {
    fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if media_type(name).is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no name of an image"));
        }
        let path = self.root.join(name);
        if path.exists() {
            return Ok(());
        }
        // Whole or not at all: nobody is shown half of it, and a death leaves nothing under the name. The number
        // and the process tell apart those who write the same image at once, on one machine or several.
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary = self.root.join(format!(".{name}.{}.{number}", std::process::id()));
        std::fs::write(&temporary, bytes)?;
        std::fs::File::open(&temporary)?.sync_all()?;
        std::fs::rename(&temporary, &path)?;
        std::fs::File::open(&self.root)?.sync_all()
    }
}

/// The media type of a file of this name; none when no image is called so.
fn media_type(name: &str) -> Option<&'static str> {
    let (hash, suffix) = name.split_once('.')?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hash.len() != HASH_DIGITS || !hash.bytes().all(is_digit) {
        return None;
    }
    TYPES
        .iter()
        .find(|(known, _)| *known == suffix)
        .map(|(_, media_type)| *media_type)
}

/// `GET /images/{name}`.
pub(crate) fn router(files: Arc<ImageFiles>) -> Router {
    Router::new().route("/images/{name}", get(image)).with_state(files)
}

async fn image(State(files): State<Arc<ImageFiles>>, UrlPath(name): UrlPath<String>) -> Response {
    if let Some(bytes) = demo::image(&name) {
        return (headers(demo::IMAGE_TYPE, A_DAY), bytes).into_response();
    }
    match files.read(&name).await {
        Ok(Some((bytes, media_type))) => (headers(media_type, FOR_EVER), bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "an image cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn headers(media_type: &'static str, kept: HeaderValue) -> [(HeaderName, HeaderValue); 4] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, kept),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, NOTHING_RUNS),
    ]
}

#[cfg(test)]
mod tests;
