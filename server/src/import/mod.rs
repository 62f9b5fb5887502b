//! Bringing a product export into a shop: Shopify's or WooCommerce's CSV format, read here and sent over HTTP; and
//! Shopify's inventory export, with what was counted at each location.
//!
//! Sending it again changes nothing: a product's id follows from its handle, each product is one atomic commit
//! that says what is to be so, and opening stock opens only a ledger that has no line yet.

use std::path::PathBuf;

use domain::value::Currency;
mod cell;
mod encoding;
mod images;
mod inventory;
mod lengths;
mod progress;
mod read;
mod report;
mod send;
mod sheet;
mod shopify;
mod sku;
mod woocommerce;

use progress::Progress;
pub use read::{ReadCount, ReadProduct, Reading, read};
pub(crate) use report::counted;
pub use report::{Changes, Notice, Refusal, Report};
pub use send::Shop;
use send::{Sent, Thing};
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
    /// An admin's token; without one a dry run asks no shop.
    pub token: String,
    /// Read and check, and change nothing.
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
    let unreadable = |error| ImportError::File {
        file: options.file.clone(),
        error,
    };
    let size = tokio::fs::metadata(&options.file).await.map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX as u64 {
        return Err(Unreadable::TooLarge.into());
    }
    let bytes = tokio::fs::read(&options.file).await.map_err(unreadable)?;
    let reading = read(&bytes, options.currency)?;
    drop(bytes);
    if options.dry_run && options.token.is_empty() {
        return Ok(checked(reading));
    }
    let shop = Shop::new(&options.url, &options.token)?;
    let shop = if options.dry_run { shop.only_looking() } else { shop };
    bring_in(reading, &shop).await
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
        counted: reading.counts.len(),
        changes: None,
        refusals: reading.refusals,
        notices: reading.notices,
    }
}

/// Sends what was read to a shop, and says on standard error how far it is.
///
/// # Errors
/// See [`ImportError`]: the shop is not there, or does not allow it.
pub async fn bring_in(reading: Reading, shop: &Shop) -> Result<Report, ImportError> {
    let mut progress = Progress::begin(reading.products.len() + reading.counts.len());
    let mut changes = Changes::default();
    let mut report = Report {
        dry_run: shop.is_only_looking(),
        refusals: reading.refusals,
        notices: reading.notices,
        ..Report::default()
    };
    let each = |product: Sent| {
        progress.one_more();
        report.products += usize::from(product.came_in && product.counted == 0);
        report.variants += product.variants;
        report.stocked += product.stocked;
        report.counted += product.counted;
        report.refusals.extend(product.refusals);
        changes.changed += usize::from(product.came_in && product.changed);
        changes.unchanged += usize::from(product.came_in && !product.changed);
        changes.previewed.extend(product.preview);
    };
    let things = reading
        .products
        .into_iter()
        .map(|product| Thing::Product(Box::new(product)));
    let counts = reading.counts.into_iter().map(Thing::Count);
    let sent = shop.send_all(things.chain(counts), each).await;
    progress.end();
    sent?;
    changes.previewed.sort();
    report.changes = Some(changes);
    report.refusals.sort();
    Ok(report)
}

#[cfg(test)]
mod tests;
