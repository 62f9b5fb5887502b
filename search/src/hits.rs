//! Pages of a list, and how long it is.

use domain::value::ProductId;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use uuid::Uuid;

use crate::conditions::{Sql, products, rank, ranks_text, score};
use crate::error::SearchError;
use crate::place::Place;
use crate::request::{Criteria, Slice};
use crate::words::Wanted;

/// A product of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which.
    pub product: ProductId,
    /// Where it stands.
    pub place: Place,
}

/// The products of a slice, from its end when it is read backward.
pub(crate) fn page(connection: &Connection, criteria: &Criteria, slice: &Slice) -> Result<Vec<Hit>, SearchError> {
    let ranks_text = ranks_text(criteria);
    // Scores cannot be compared inside the full-text query: they are worked out once, and then compared.
    let made = if ranks_text { "MATERIALIZED" } else { "NOT MATERIALIZED" };
    let mut sql = Sql::new(&format!(
        "WITH hit AS {made} (SELECT p.uuid AS uuid, {} AS rank",
        rank(criteria)
    ));
    sql.append(products(criteria, None)?.into_sql());
    sql.push(") SELECT uuid, rank FROM hit WHERE TRUE", []);
    for (place, comparison) in [(&slice.after, ">"), (&slice.before, "<")] {
        if let Some(place) = place {
            let place = if ranks_text {
                of_today(connection, criteria, place)?
            } else {
                place.clone()
            };
            sql.push(&format!(" AND (rank, uuid) {comparison} (?, ?)"), place.parameters());
        }
    }
    let direction = if slice.is_backward { "DESC" } else { "ASC" };
    let number = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX).into();
    sql.push(
        &format!(" ORDER BY rank {direction}, uuid {direction} LIMIT ? OFFSET ?"),
        [number(slice.limit), number(slice.offset)],
    );
    let mut statement = connection.prepare_cached(&sql.text)?;
    let mut rows = statement.query(params_from_iter(sql.parameters))?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let product = ProductId(uuid_of(row.get_ref(0)?.as_blob().unwrap_or_default())?);
        let place = Place::of_row(row.get_ref(1)?, product)?;
        hits.push(Hit { product, place });
    }
    Ok(hits)
}

/// How many products fit.
pub(crate) fn count(connection: &Connection, criteria: &Criteria) -> Result<u64, SearchError> {
    let mut sql = Sql::new("SELECT count(*)");
    sql.append(products(criteria, None)?.into_sql());
    let mut statement = connection.prepare_cached(&sql.text)?;
    let count: i64 = statement.query_row(params_from_iter(sql.parameters), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How well a product fits depends on what else there is. So a page goes on behind the product that the last one
/// ended with, as well as that one fits today; only when it does not fit any more, behind where it stood.
fn of_today(connection: &Connection, criteria: &Criteria, place: &Place) -> Result<Place, SearchError> {
    let wanted = Wanted::of(criteria.query.as_deref().unwrap_or_default());
    if wanted.is_empty() {
        return Ok(place.clone());
    }
    let sql = format!(
        "SELECT {} FROM text WHERE text MATCH ?1 AND rowid = (SELECT id FROM product WHERE uuid = ?2)",
        score()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let product = place.product();
    let parameters = params![wanted.expression(), product.0.as_bytes()];
    let today: Option<f64> = statement.query_row(parameters, |row| row.get(0)).optional()?;
    Ok(today.map_or_else(|| place.clone(), |score| place.at_score(score)))
}

pub(crate) fn uuid_of(bytes: &[u8]) -> Result<Uuid, SearchError> {
    Uuid::from_slice(bytes).map_err(|error| SearchError::Damaged(error.to_string()))
}
