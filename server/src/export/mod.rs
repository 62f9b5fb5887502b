//! Writing the products of a running shop as a file in Shopify's CSV format, which [`crate::import`] reads.
//!
//! An import of an export changes nothing, and an export of a shop into which it was brought is the same file again.
//! Archived products are history and stay out; so does what has no price in any currency, and is named.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use domain::value::Currency;

mod columns;
mod pages;
mod rows;

use columns::Columns;
use pages::{Catalogue, Pages};

/// What an export needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file; none: standard output.
    pub file: Option<PathBuf>,
    /// The currency of its prices; none: the shop's first.
    pub currency: Option<Currency>,
    /// Where the shop answers: `http://127.0.0.1:8080`.
    pub url: String,
    /// An admin's token.
    pub token: String,
}

/// Why the file was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be written.
    #[error("{target}: {error}")]
    Output {
        /// Where to.
        target: String,
        /// Why.
        error: std::io::Error,
    },
    /// The shop's address or the token cannot be used.
    #[error("{0}")]
    Address(String),
    /// Nobody answers.
    #[error("the shop does not answer: {0}")]
    Unreachable(String),
    /// Somebody else answers.
    #[error("what answers there is no shop of this version: {0}")]
    NoShop(String),
    /// The shop says no.
    #[error("the shop says: {0}")]
    Refused(String),
    /// The token does not allow it.
    #[error("the token does not allow it (tillroll token --role admin)")]
    NotAllowed,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Products.
    pub products: usize,
    /// Their variants.
    pub variants: usize,
    /// What is not in the file, and why.
    pub left_out: Vec<String>,
}

/// Writes the file, once all products are there. A file that was there is replaced once the new one is whole.
///
/// # Errors
/// See [`ExportError`].
pub async fn run(options: &Options) -> Result<Report, ExportError> {
    let catalogue = Pages::of(options)?.all().await?;
    let Some(path) = &options.file else {
        return write(&catalogue, std::io::stdout().lock(), "standard output");
    };
    let target = path.display().to_string();
    let failed = |error| ExportError::Output {
        target: target.clone(),
        error,
    };
    let mut partial = path.clone().into_os_string();
    partial.push(".partial");
    let file = std::fs::File::create(&partial).map_err(failed)?;
    let report = write(&catalogue, &file, &target)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&partial, path).map_err(failed)?;
    Ok(report)
}

fn write(catalogue: &Catalogue, output: impl Write, target: &str) -> Result<Report, ExportError> {
    let failed = |error: csv::Error| ExportError::Output {
        target: target.to_owned(),
        error: error.into(),
    };
    let mut file = csv::Writer::from_writer(BufWriter::new(output));
    let mut report = Report::default();
    let columns = Columns::of(catalogue);
    file.write_record(columns.header()).map_err(failed)?;
    for product in &catalogue.products {
        let written = rows::of(product, &columns);
        report.products += usize::from(!written.rows.is_empty());
        report.variants += written.variants;
        report.left_out.extend(written.left_out);
        for row in &written.rows {
            file.write_record(row).map_err(failed)?;
        }
    }
    file.flush().map_err(|error| failed(error.into()))?;
    Ok(report)
}
