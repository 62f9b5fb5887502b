//! Bringing a product export into a shop: Shopify's CSV format, read here and sent over HTTP.
//!
//! Sending it again changes nothing: a product's id follows from its handle, each product is one atomic commit
//! that says what is to be so, and opening stock opens only a ledger that has no line yet.

use std::path::PathBuf;

use domain::value::Currency;
use indicatif::{ProgressBar, ProgressStyle};

mod cell;
mod columns;
mod images;
mod read;
mod report;
mod send;
mod sheet;
mod sku;
mod variants;

pub use read::{ReadProduct, Reading, read};
pub use report::{Notice, Refusal, Report};
pub use send::Shop;
pub use sheet::{FILE_BYTES_MAX, Unreadable};

/// What an import needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file.
    pub file: PathBuf,
    /// The currency of its prices.
    pub currency: Currency,
    /// Where the shop answers: `http://127.0.0.1:8080`.
    pub url: String,
    /// An admin's token.
    pub token: String,
    /// Read and check, and send nothing.
    pub dry_run: bool,
}

/// Why nothing could be done.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("{}: {error}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file cannot be read as a product export.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The shop's address cannot be used.
    #[error("{0}")]
    Address(String),
    /// The token has characters that no token has.
    #[error("the token has characters that no token has")]
    Token,
    /// Nobody answers.
    #[error("the shop does not answer: {0}")]
    Unreachable(String),
    /// Somebody else answers.
    #[error("what answers there is no shop of this version (status {0})")]
    NoShop(u16),
    /// The token does not allow it.
    #[error("the shop does not allow it: {0}")]
    NotAllowed(String),
}

/// Brings a file in, or checks it. Errors mean that nothing could be done: exit code 2, as in [`Report::exit_code`].
///
/// # Errors
/// See [`ImportError`].
pub async fn run(options: &Options) -> Result<Report, ImportError> {
    let bytes = tokio::fs::read(&options.file).await;
    let bytes = bytes.map_err(|error| ImportError::File {
        file: options.file.clone(),
        error,
    })?;
    let reading = read(&bytes, options.currency)?;
    if options.dry_run {
        return Ok(checked(reading));
    }
    bring_in(reading, &Shop::new(&options.url, &options.token)?).await
}

/// What would come in.
fn checked(reading: Reading) -> Report {
    let variants = reading.products.iter().map(|product| product.product.variants.len());
    let stocked = reading.products.iter().map(|product| product.stock.len());
    Report {
        dry_run: true,
        products: reading.products.len(),
        variants: variants.sum(),
        stocked: stocked.sum(),
        refusals: reading.refusals,
        notices: reading.notices,
    }
}

/// Sends what was read to a shop; on a terminal, a bar shows how far it is.
///
/// # Errors
/// See [`ImportError`]: the shop is not there, or does not allow it.
pub async fn bring_in(reading: Reading, shop: &Shop) -> Result<Report, ImportError> {
    let progress = progress_bar(reading.products.len());
    let sent = shop.send_all(reading.products, |_| progress.inc(1)).await;
    progress.finish_and_clear();
    let mut report = Report {
        refusals: reading.refusals,
        notices: reading.notices,
        ..Report::default()
    };
    for product in sent? {
        report.products += usize::from(product.variants > 0);
        report.variants += product.variants;
        report.stocked += product.stocked;
        report.refusals.extend(product.refusals);
    }
    report.refusals.sort();
    Ok(report)
}

/// Shown on standard error, and only on a terminal.
fn progress_bar(products: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} products, {per_sec}, {eta} left");
    let bar = ProgressBar::new(u64::try_from(products).unwrap_or(u64::MAX));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests;
