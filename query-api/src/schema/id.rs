//! Ids: an object's own UUID, and the global id that says which kind of object it is.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::error::QueryError;
use crate::limits::KEY_CHARS_MAX;

/// A kind of object that `node` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Product,
    Category,
    Cart,
    Order,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Product, "Product"),
    (Kind::Category, "Category"),
    (Kind::Cart, "Cart"),
    (Kind::Order, "Order"),
];

impl Kind {
    fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    /// The id of an object of this kind among all objects: `Product:<uuid>` in base64url.
    pub(crate) fn global_id(self, id: Uuid) -> ID {
        ID(URL_SAFE_NO_PAD.encode(format!("{}:{}", self.name(), id.as_hyphenated())))
    }

    /// The UUID in an argument that names an object of this kind: a global id, or the UUID itself.
    ///
    /// # Errors
    /// It is neither, or names an object of another kind.
    pub(crate) fn uuid(self, argument: &str) -> Result<Uuid, QueryError> {
        if let Some(uuid) = plain_uuid(argument) {
            return Ok(uuid);
        }
        match parse_global_id(argument) {
            Some((kind, uuid)) if kind == self => Ok(uuid),
            _ => Err(invalid(&format!("is not the id of a {}", self.name().to_lowercase()))),
        }
    }
}

/// The object that a global id names.
///
/// # Errors
/// It names none.
pub(crate) fn global(id: &str) -> Result<(Kind, Uuid), QueryError> {
    parse_global_id(id).ok_or_else(|| invalid("is not a global id"))
}

fn invalid(what: &str) -> QueryError {
    QueryError::argument("id.invalid", format!("the id {what}"))
}

fn plain_uuid(text: &str) -> Option<Uuid> {
    const HYPHENATED: usize = uuid::fmt::Hyphenated::LENGTH;
    (text.len() == HYPHENATED).then(|| Uuid::parse_str(text).ok()).flatten()
}

fn parse_global_id(text: &str) -> Option<(Kind, Uuid)> {
    if text.len() > KEY_CHARS_MAX {
        return None;
    }
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (name, uuid) = decoded.split_once(':')?;
    let (kind, _) = KINDS.iter().find(|(_, known)| *known == name)?;
    Some((*kind, plain_uuid(uuid)?))
}

#[cfg(test)]
mod tests;
