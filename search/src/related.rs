//! Related products: those that share categories, tags and the vendor.

use std::collections::BTreeMap;

use domain::value::ProductId;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::error::SearchError;
use crate::facets::values_of;
use crate::hits::uuid_of;
use crate::limits::{RELATED_SOURCES_MAX, RELATED_VALUE_PRODUCTS_MAX};

/// For each pair (number of a product, number of one of its values): who shares it. A category counts most, what
/// many have counts nothing; of equals the best seller comes first.
const KIN: &str = "
WITH shared AS (
  SELECT pair.value ->> 0 AS source, has.product AS product,
    sum(CASE value.facet WHEN 'category' THEN 3 WHEN 'tag' THEN 2 ELSE 1 END) AS likeness
  FROM json_each(?1) pair
    JOIN value ON value.id = pair.value ->> 1 AND value.products <= ?2
      AND value.facet IN ('category', 'tag', 'vendor')
    JOIN has ON has.value = value.id AND has.product <> pair.value ->> 0
  GROUP BY 1, 2),
ranked AS (
  SELECT source, p.uuid AS uuid,
    row_number() OVER (PARTITION BY source ORDER BY likeness DESC, p.best, p.uuid) AS place
  FROM shared JOIN product p ON p.id = shared.product)
SELECT source, uuid FROM ranked WHERE place <= ?3 ORDER BY source, place";

/// The products most like each of these, in the order of these; two statements, however many they are.
pub(crate) fn related(
    connection: &Connection,
    products: &[ProductId],
    first: usize,
) -> Result<Vec<Vec<ProductId>>, SearchError> {
    let products = &products[..products.len().min(RELATED_SOURCES_MAX)];
    let places = vec!["?"; products.len()].join(", ");
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, uuid, facets FROM product WHERE published AND uuid IN ({places})"
    ))?;
    let uuids = products
        .iter()
        .map(|product| Value::Blob(product.0.as_bytes().to_vec()));
    let mut rows = statement.query(params_from_iter(uuids))?;
    let mut numbers: BTreeMap<i64, ProductId> = BTreeMap::new();
    let mut pairs: Vec<(i64, u32)> = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        numbers.insert(
            number,
            ProductId(uuid_of(row.get_ref(1)?.as_blob().unwrap_or_default())?),
        );
        pairs.extend(values_of(row.get_ref(2)?.as_blob().unwrap_or_default()).map(|value| (number, value)));
    }
    let mut statement = connection.prepare_cached(KIN)?;
    let limit = i64::try_from(first).unwrap_or(i64::MAX);
    let parameters = params![serde_json::to_string(&pairs)?, RELATED_VALUE_PRODUCTS_MAX, limit];
    let mut rows = statement.query(parameters)?;
    let mut related: BTreeMap<ProductId, Vec<ProductId>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let product = ProductId(uuid_of(row.get_ref(1)?.as_blob().unwrap_or_default())?);
        if let Some(source) = numbers.get(&row.get(0)?) {
            related.entry(*source).or_default().push(product);
        }
    }
    Ok(products
        .iter()
        .map(|product| related.remove(product).unwrap_or_default())
        .collect())
}
