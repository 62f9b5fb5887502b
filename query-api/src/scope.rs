//! What the resolvers of one request share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    visitor: Visitor,
    /// Whether a resolver has looked at who asks.
    is_personal: AtomicBool,
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
            is_personal: AtomicBool::new(false),
            audience,
            shop,
            loaders: Loaders::new(&reading),
            reading,
            state,
        }
    }

    /// Who asks. From then on the answer is theirs alone.
    pub(crate) fn visitor(&self) -> &Visitor {
        self.is_personal.store(true, Ordering::Relaxed);
        &self.visitor
    }

    /// Whether the answer may be another for somebody else.
    pub(crate) fn is_personal(&self) -> bool {
        self.is_personal.load(Ordering::Relaxed)
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
