//! How each kind of change is written, inside a transaction: only what differs from before.

use std::collections::BTreeSet;

use domain::value::ProductId;
use read_store::model::category::CategoryView;
use read_store::model::product::ProductView;
use read_store::model::stock::StockView;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::availability::REFRESH;
use crate::document::{Document, TEXT_COLUMNS};
use crate::error::SearchError;
use crate::words::folded;

/// The number of a product in this file; made now, unless it has one.
fn number_of(connection: &Connection, product: ProductId) -> Result<i64, SearchError> {
    // An update that changes nothing, for the number.
    let sql = "INSERT INTO product (uuid) VALUES (?1) ON CONFLICT (uuid) DO UPDATE SET uuid = uuid RETURNING id";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![product.0.as_bytes()], |row| row.get(0))?)
}

/// Writes a product over what it was before, and gives its number.
pub(crate) fn put_product(
    connection: &Connection,
    before: Option<&ProductView>,
    view: &ProductView,
) -> Result<i64, SearchError> {
    let product = number_of(connection, view.id)?;
    let sql = "INSERT INTO view (product, bytes) VALUES (?1, ?2)
               ON CONFLICT (product) DO UPDATE SET bytes = excluded.bytes";
    let bytes = postcard::to_allocvec(view)?;
    connection.prepare_cached(sql)?.execute(params![product, bytes])?;
    for variant in &view.variants {
        let sql = "INSERT INTO sku (sku, product, tracks) VALUES (?1, ?2, ?3)
                   ON CONFLICT (sku) DO UPDATE SET product = excluded.product, tracks = excluded.tracks";
        let parameters = params![variant.sku.as_str(), product, variant.facts.tracks_stock];
        connection.prepare_cached(sql)?.execute(parameters)?;
    }
    let (is_published, document) = match Document::of(view) {
        Some(document) => (true, document),
        None => (false, Document::default()),
    };
    let before = before.and_then(Document::of).unwrap_or_default();
    put_texts(connection, product, &before, &document)?;
    put_values(connection, product, &before.values, &document.values)?;
    put_prices(connection, product, &before, &document)?;
    put_titles(connection, product, &before, &document)?;
    put_words(connection, &before.words, &document.words)?;
    let sql = "UPDATE product SET published = ?2, newest = ?3 WHERE id = ?1";
    let parameters = params![product, is_published, document.newest];
    connection.prepare_cached(sql)?.execute(parameters)?;
    Ok(product)
}

fn put_texts(connection: &Connection, product: i64, before: &Document, after: &Document) -> Result<(), SearchError> {
    let was_there = *before != Document::default();
    let is_there = *after != Document::default();
    if was_there && is_there && before.texts == after.texts {
        return Ok(());
    }
    if was_there {
        connection
            .prepare_cached("DELETE FROM text WHERE rowid = ?1")?
            .execute(params![product])?;
    }
    if is_there {
        let columns: Vec<&str> = TEXT_COLUMNS.iter().map(|(name, _)| *name).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO text (rowid, {}) VALUES (?, {places})", columns.join(", "));
        let texts = after.texts.iter().map(|text| Value::Text(text.clone()));
        let parameters = std::iter::once(Value::Integer(product)).chain(texts);
        connection.prepare_cached(&sql)?.execute(params_from_iter(parameters))?;
    }
    Ok(())
}

fn put_values(
    connection: &Connection,
    product: i64,
    before: &BTreeSet<(String, String)>,
    after: &BTreeSet<(String, String)>,
) -> Result<(), SearchError> {
    if before == after {
        return Ok(());
    }
    for (facet, label) in before.difference(after) {
        let sql = "UPDATE value SET products = products - 1 WHERE facet = ?1 AND label = ?2 RETURNING id, products";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (value, left): (i64, i64) = connection.prepare_cached(sql)?.query_row(params![facet, label], row)?;
        let sql = "DELETE FROM has WHERE value = ?1 AND product = ?2";
        connection.prepare_cached(sql)?.execute(params![value, product])?;
        if left == 0 {
            connection
                .prepare_cached("DELETE FROM value WHERE id = ?1")?
                .execute(params![value])?;
        }
    }
    let mut facets = Vec::with_capacity(after.len() * size_of::<u32>());
    for (facet, label) in after {
        let is_new = !before.contains(&(facet.clone(), label.clone()));
        let sql = "INSERT INTO value (facet, label, products) VALUES (?1, ?2, ?3)
                   ON CONFLICT (facet, label) DO UPDATE SET products = products + ?3 RETURNING id";
        let parameters = params![facet, label, i64::from(is_new)];
        let value: i64 = connection
            .prepare_cached(sql)?
            .query_row(parameters, |row| row.get(0))?;
        if is_new {
            let sql = "INSERT INTO has (value, product) VALUES (?1, ?2)";
            connection.prepare_cached(sql)?.execute(params![value, product])?;
        }
        let number = u32::try_from(value).map_err(|_| SearchError::Damaged("too many values".to_owned()))?;
        facets.extend_from_slice(&number.to_le_bytes());
    }
    let sql = "UPDATE product SET facets = ?2 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![product, facets])?;
    Ok(())
}

fn put_prices(connection: &Connection, product: i64, before: &Document, after: &Document) -> Result<(), SearchError> {
    if before.prices == after.prices {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM price WHERE product = ?1")?
        .execute(params![product])?;
    for (currency, amounts) in &after.prices {
        for (place, amount) in amounts.iter().enumerate() {
            let sql = "INSERT INTO price (currency, amount, product, is_lowest) VALUES (?1, ?2, ?3, ?4)";
            let parameters = params![currency.code(), amount, product, place == 0];
            connection.prepare_cached(sql)?.execute(parameters)?;
        }
    }
    Ok(())
}

fn put_titles(connection: &Connection, product: i64, before: &Document, after: &Document) -> Result<(), SearchError> {
    if before.titles == after.titles {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM title WHERE product = ?1")?
        .execute(params![product])?;
    for (locale, title) in &after.titles {
        let sql = "INSERT INTO title (locale, title, product) VALUES (?1, ?2, ?3)";
        connection
            .prepare_cached(sql)?
            .execute(params![locale, title, product])?;
    }
    Ok(())
}

fn put_words(connection: &Connection, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Result<(), SearchError> {
    for word in before.difference(after) {
        let sql = "UPDATE word SET products = products - 1 WHERE word = ?1 RETURNING products";
        let left: i64 = connection
            .prepare_cached(sql)?
            .query_row(params![word], |row| row.get(0))?;
        if left == 0 {
            connection
                .prepare_cached("DELETE FROM word WHERE word = ?1")?
                .execute(params![word])?;
        }
    }
    for word in after.difference(before) {
        let sql = "INSERT INTO word (word, folded, letters, products) VALUES (?1, ?2, ?3, 1)
                   ON CONFLICT (word) DO UPDATE SET products = products + 1";
        let folded = folded(word);
        let letters = i64::try_from(folded.chars().count()).unwrap_or(i64::MAX);
        connection
            .prepare_cached(sql)?
            .execute(params![word, folded, letters])?;
    }
    Ok(())
}

pub(crate) fn put_category(connection: &Connection, view: &CategoryView) -> Result<(), SearchError> {
    let sql = "INSERT INTO category (id, parent, archived, bytes) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, archived = excluded.archived,
                 bytes = excluded.bytes";
    let parent = view.parent.map(|parent| parent.to_string());
    let parameters = params![view.id.to_string(), parent, view.archived, postcard::to_allocvec(view)?];
    connection.prepare_cached(sql)?.execute(parameters)?;
    Ok(())
}

/// Writes the stock of a SKU, and gives the number of its product, if that is known yet.
pub(crate) fn put_stock(connection: &Connection, stock: &StockView) -> Result<Option<i64>, SearchError> {
    let sql = "INSERT INTO sku (sku, stock, available, threshold, promisable) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (sku) DO UPDATE SET stock = excluded.stock, available = excluded.available,
                 threshold = excluded.threshold, promisable = excluded.promisable
               RETURNING product";
    let promisable = stock.available() + stock.backorder_limit();
    let bytes = postcard::to_allocvec(stock)?;
    let parameters = params![
        stock.sku.as_str(),
        bytes,
        stock.available(),
        stock.threshold(),
        promisable
    ];
    Ok(connection
        .prepare_cached(sql)?
        .query_row(parameters, |row| row.get(0))?)
}

/// Brings what is kept of a product up to the stock of its variants.
pub(crate) fn refresh_availability(connection: &Connection, product: i64) -> Result<(), SearchError> {
    connection.prepare_cached(REFRESH)?.execute(params![product])?;
    Ok(())
}

/// Adds to what was sold of a product; the best seller is the least.
pub(crate) fn add_sold(connection: &Connection, product: ProductId, pieces: i64) -> Result<(), SearchError> {
    let product = number_of(connection, product)?;
    let sql = "UPDATE product SET best = best - ?2 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![product, pieces])?;
    Ok(())
}
