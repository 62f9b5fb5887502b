//! What the resolvers of one subscription share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access::Visitor;
use async_graphql::Context;
use domain::ConsistencyToken;

use super::{Beginning, Feed, Given, Interest, LiveCursor, Reach};
use crate::audience::{Audience, Wishes};
use crate::consistency::{Consistency, ConsistencyReport};
use crate::error::QueryError;
use crate::scope::Scope;
use crate::state::QueryState;

/// What the resolvers of one subscription share.
pub(crate) struct LiveScope {
    pub(crate) state: QueryState,
    pub(crate) visitor: Visitor,
    /// How much of the roll they see.
    pub(crate) detail: Option<super::Detail>,
    pub(crate) wishes: Wishes,
    /// What the client has asked for: the first message must hold it.
    pub(crate) token: ConsistencyToken,
    told: Mutex<Told>,
}

/// What is said beside the message that is being made.
#[derive(Clone, Default)]
struct Told {
    consistency: Option<Arc<Consistency>>,
    cursor: Option<String>,
    end: Option<Ending>,
}

/// Why a subscription ends that its reader has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl LiveScope {
    pub(crate) fn new(
        state: QueryState,
        visitor: Visitor,
        detail: Option<super::Detail>,
        wishes: Wishes,
        token: ConsistencyToken,
    ) -> Self {
        Self {
            state,
            visitor,
            detail,
            wishes,
            token,
            told: Mutex::default(),
        }
    }

    /// The scope of the subscription that a resolver answers.
    pub(crate) fn of<'a>(context: &Context<'a>) -> &'a Arc<Self> {
        context.data_unchecked::<Arc<Self>>()
    }

    /// Begins to follow what is of interest, behind `after` or from now on.
    pub(crate) async fn follow(&self, interest: Interest, after: Option<&str>) -> Result<Feed, QueryError> {
        let beginning = match after {
            None => Beginning::Now,
            Some(text) => Beginning::After(LiveCursor::decode(text, &self.state.hub().folds().await?)?),
        };
        Ok(Feed::open(self.state.hub(), interest, &beginning, Reach::Recent).await?)
    }

    /// Whether the client has asked for nothing that is not `passed` as well.
    pub(crate) fn asks_only_for(&self, passed: &ConsistencyToken) -> bool {
        self.with(passed) == *passed
    }

    fn with(&self, passed: &ConsistencyToken) -> ConsistencyToken {
        let mut token = self.token.clone();
        token.merge(passed);
        token
    }

    /// What a query would be answered from now, no older than the commit that was given; without one, than what is
    /// `passed` and so never given, and than what the client has asked for.
    pub(crate) async fn scope(
        &self,
        given: Option<&Given>,
        passed: &ConsistencyToken,
    ) -> Result<(Arc<Scope>, Arc<Consistency>), QueryError> {
        let comes = Duration::from_millis(crate::limits::EVENT_WAIT_MS_MAX);
        let (token, patience) = match given {
            Some(Given { commit, .. }) => (ConsistencyToken::at(commit.shard, commit.seq), comes),
            None if self.asks_only_for(passed) => (passed.clone(), comes),
            None => (self.with(passed), self.state.parts().options.consistency_wait),
        };
        let consistency = Arc::new(Consistency::new(token, patience));
        let shop = self.state.shop(&consistency).await?;
        let audience = Audience::choose(&self.wishes, &shop.settings)
            .map_err(|error| QueryError::argument(error.code(), error.to_string()))?;
        let scope = Scope::new(
            self.state.clone(),
            self.visitor.clone(),
            audience,
            shop,
            Arc::clone(&consistency),
        );
        Ok((Arc::new(scope), consistency))
    }

    /// A message is about to be made, from what is read under `consistency`, and leads to `cursor`.
    pub(crate) fn begin_message(&self, consistency: Option<Arc<Consistency>>, cursor: String) {
        let mut told = self.told();
        told.consistency = consistency;
        told.cursor = Some(cursor);
    }

    /// No more messages come.
    pub(crate) fn end(&self, ending: Ending) {
        self.told().end = Some(ending);
    }

    /// Whether no more messages come, and why.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.told().end.clone()
    }

    /// Where to go on behind the last message; none before the first.
    pub(crate) fn cursor(&self) -> Option<String> {
        self.told().cursor.clone()
    }

    /// What the last message says of its consistency; none when it was not made from read models.
    pub(crate) fn report(&self) -> Option<ConsistencyReport> {
        self.told().consistency.as_ref().map(|consistency| consistency.report())
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
