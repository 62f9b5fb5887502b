//! Documents: looked at before anything in them runs, and kept parsed.

mod cache;
mod measure;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use thiserror::Error;

pub(crate) use cache::{DocumentCache, DocumentHash, Source};

use crate::limits::{
    ALIASES_MAX, DEPTH_MAX, DIRECTIVES_MAX, FIELD_DIRECTIVES_MAX, FRAGMENTS_MAX, INTROSPECTION_LISTS_MAX, NESTING_MAX,
    OPERATIONS_MAX, SELECTIONS_MAX, TOKENS_MAX,
};

/// Why a document is refused before it runs.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum DocumentError {
    /// Not GraphQL.
    #[error("{0}")]
    Syntax(String),
    /// A quotation mark without its counterpart.
    #[error("a text in the document has no end")]
    UnterminatedText,
    /// More text than a query needs.
    #[error("the document has more than {TOKENS_MAX} tokens")]
    TooManyTokens,
    /// Brackets or fields inside one another.
    #[error("the document is nested too deep: at most {DEPTH_MAX} levels of fields and {NESTING_MAX} open brackets")]
    TooDeep,
    /// More fragments than a query needs.
    #[error("the document has more than {FRAGMENTS_MAX} fragments")]
    TooManyFragments,
    /// More operations than a page needs.
    #[error("the document has more than {OPERATIONS_MAX} operations")]
    TooManyOperations,
    /// A fragment that contains itself.
    #[error("the fragment {0:?} contains itself")]
    FragmentCycle(String),
    /// Fields, fragments put in their place.
    #[error("the query selects more than {SELECTIONS_MAX} fields and fragments")]
    TooManyFields,
    /// Fields under other names.
    #[error("the query has more than {ALIASES_MAX} aliases")]
    TooManyAliases,
    /// Directives, all or on one field.
    #[error("the query has more than {DIRECTIVES_MAX} directives, or more than {FIELD_DIRECTIVES_MAX} on one field")]
    TooManyDirectives,
    /// Lists of types inside lists of types.
    #[error("an introspection query may have {INTROSPECTION_LISTS_MAX} lists of types or fields inside one another")]
    IntrospectionTooDeep,
    /// A hash without its text, and nobody has sent the text lately. These are the words that clients look for:
    /// they send the text then.
    #[error("PersistedQueryNotFound")]
    PersistedNotFound,
    /// A hash that is another text's.
    #[error("the hash is not the SHA-256 of the query")]
    PersistedDiffers,
    /// Only queries are answered here.
    #[error(
        "only queries are answered here; changes are made by the commands under /v1, and subscriptions are answered \
         over a WebSocket"
    )]
    NotAQuery,
    /// Only subscriptions are answered over a WebSocket.
    #[error("only subscriptions are answered over a WebSocket; ask queries with POST")]
    NotASubscription,
    /// A subscription of several things.
    #[error("a subscription has one field, not in a fragment")]
    SubscriptionFields,
    /// The schema is not shown.
    #[error("introspection is switched off")]
    IntrospectionOff,
}

impl DocumentError {
    /// The stable code.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) | Self::UnterminatedText => "graphql.syntax",
            Self::TooManyTokens => "graphql.too_many_tokens",
            Self::TooDeep => "graphql.too_deep",
            Self::TooManyFragments => "graphql.too_many_fragments",
            Self::TooManyOperations => "graphql.too_many_operations",
            Self::FragmentCycle(_) => "graphql.fragment_cycle",
            Self::TooManyFields => "graphql.too_many_fields",
            Self::TooManyAliases => "graphql.too_many_aliases",
            Self::TooManyDirectives => "graphql.too_many_directives",
            Self::IntrospectionTooDeep => "graphql.introspection_too_deep",
            Self::PersistedNotFound => "graphql.persisted_not_found",
            Self::PersistedDiffers => "graphql.persisted_differs",
            Self::NotAQuery => "graphql.not_a_query",
            Self::NotASubscription => "graphql.not_a_subscription",
            Self::SubscriptionFields => "graphql.subscription_fields",
            Self::IntrospectionOff => "graphql.introspection_off",
        }
    }
}

/// Parses a document within all limits on its size and shape.
///
/// # Errors
/// It is not GraphQL, or exceeds a limit.
pub(crate) fn parse(text: &str) -> Result<ParsedDocument, DocumentError> {
    scan::scan(text)?;
    let document =
        async_graphql::parser::parse_query(text).map_err(|error| DocumentError::Syntax(error.to_string()))?;
    let introspects = measure::measure(&document)?;
    Ok(ParsedDocument {
        number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
        document,
        introspects,
    })
}

impl ParsedDocument {
    /// What the operation of this name does, or the only one; none when there is no such operation.
    pub(crate) fn kind_of(&self, operation_name: Option<&str>) -> Option<OperationType> {
        let mut operations = self.document.operations.iter();
        let found = match operation_name {
            Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
            None => operations.next(),
        };
        found.map(|(_, operation)| operation.node.ty)
    }
}

/// Numbers documents apart, for as long as the process lives.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);

/// A document within its limits.
#[derive(Debug)]
pub(crate) struct ParsedDocument {
    /// No other parsed document has it.
    pub(crate) number: u64,
    /// What the executor takes.
    pub(crate) document: ExecutableDocument,
    /// Whether it asks for the schema.
    pub(crate) introspects: bool,
}
