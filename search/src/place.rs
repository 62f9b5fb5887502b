//! Where a product stands in a list.

use domain::value::ProductId;
use rusqlite::types::{Value, ValueRef};
use uuid::Uuid;

use crate::error::SearchError;

/// What a list is ordered by.
#[derive(Clone, Debug, PartialEq)]
enum Rank {
    Integer(i64),
    Score(f64),
    Text(Vec<u8>),
}

/// Where a product stands in a list: what the list is ordered by, and then the product's id. It names a position
/// and not a number of rows, so it stays good while products come and go.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    rank: Rank,
    product: ProductId,
}

const INTEGER: u8 = 1;
const SCORE: u8 = 2;
const TEXT: u8 = 3;
/// Bytes of an id.
const ID_BYTES: usize = 16;

impl Place {
    /// As bytes, for a cursor.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match &self.rank {
            Rank::Integer(number) => {
                bytes.push(INTEGER);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            Rank::Score(score) => {
                bytes.push(SCORE);
                bytes.extend_from_slice(&score.to_bits().to_be_bytes());
            }
            Rank::Text(text) => {
                bytes.push(TEXT);
                bytes.extend_from_slice(text);
            }
        }
        bytes.extend_from_slice(self.product.0.as_bytes());
        bytes
    }

    /// What [`Place::to_bytes`] made; none when these bytes are nothing it made.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (rank, id) = rest.split_at_checked(rest.len().checked_sub(ID_BYTES)?)?;
        let rank = match *kind {
            INTEGER => Rank::Integer(i64::from_be_bytes(rank.try_into().ok()?)),
            SCORE => Rank::Score(f64::from_bits(u64::from_be_bytes(rank.try_into().ok()?))),
            TEXT => Rank::Text(rank.to_vec()),
            _ => return None,
        };
        let product = ProductId(Uuid::from_slice(id).ok()?);
        Some(Self { rank, product })
    }

    /// What a row says.
    pub(crate) fn of_row(rank: ValueRef<'_>, product: ProductId) -> Result<Self, SearchError> {
        let rank = match rank {
            ValueRef::Integer(number) => Rank::Integer(number),
            ValueRef::Real(score) => Rank::Score(score),
            ValueRef::Blob(text) => Rank::Text(text.to_vec()),
            other => {
                return Err(SearchError::Damaged(format!(
                    "a list is ordered by {:?}",
                    other.data_type()
                )));
            }
        };
        Ok(Self { rank, product })
    }

    /// The product that stands there.
    pub(crate) fn product(&self) -> ProductId {
        self.product
    }

    /// The same product, which fits the search text this well today.
    pub(crate) fn at_score(&self, score: f64) -> Self {
        Self {
            rank: Rank::Score(score),
            product: self.product,
        }
    }

    /// For a statement: what the list is ordered by, and the id.
    pub(crate) fn parameters(&self) -> [Value; 2] {
        let rank = match &self.rank {
            Rank::Integer(number) => Value::Integer(*number),
            Rank::Score(score) => Value::Real(*score),
            Rank::Text(text) => Value::Blob(text.clone()),
        };
        [rank, Value::Blob(self.product.0.as_bytes().to_vec())]
    }
}

#[cfg(test)]
mod tests;
