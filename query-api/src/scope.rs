//! What the resolvers of one request share.

use std::sync::Arc;

use access::Visitor;
use async_graphql::Context;
use domain::value::Sealed;

use crate::audience::Audience;
use crate::consistency::Consistency;
use crate::error::QueryError;
use crate::history::History;
use crate::reading::{Loaders, Reading};
use crate::state::{QueryState, ShopNow};

/// What the resolvers of one request share.
pub(crate) struct Scope {
    pub(crate) visitor: Visitor,
    pub(crate) audience: Audience,
    pub(crate) shop: Arc<ShopNow>,
    pub(crate) reading: Arc<Reading>,
    pub(crate) loaders: Loaders,
    state: QueryState,
}

impl Scope {
    pub(crate) fn new(
        state: QueryState,
        visitor: Visitor,
        audience: Audience,
        shop: Arc<ShopNow>,
        consistency: Arc<Consistency>,
    ) -> Self {
        let reading = Arc::new(Reading::new(state.clone(), consistency));
        Self {
            visitor,
            audience,
            shop,
            loaders: Loaders::new(&reading),
            reading,
            state,
        }
    }

    /// The scope of the request that a resolver answers.
    pub(crate) fn of<'a>(context: &Context<'a>) -> &'a Arc<Self> {
        context.data_unchecked::<Arc<Self>>()
    }

    /// What objects looked like before.
    pub(crate) fn history(&self) -> &dyn History {
        self.state.parts().history.as_ref()
    }

    /// Opens a personal field; none when its person was forgotten.
    pub(crate) async fn open(&self, sealed: &Sealed, field: &'static str) -> Result<Option<String>, QueryError> {
        self.state.open(sealed, field).await
    }
}
