//! A step of an order's story.

use async_graphql::{Object, Result};
use read_store::model::order::Milestone;

use super::order::Order;
use super::scalar::DateTime;

/// A line of an order's story.
pub(crate) struct OrderMilestone {
    order: Order,
    index: usize,
}

impl OrderMilestone {
    pub(crate) fn new(order: Order, index: usize) -> Self {
        Self { order, index }
    }

    fn milestone(&self) -> &Milestone {
        &self.order.view().view.timeline[self.index]
    }
}

/// A line of an order's story.
#[Object(serial)]
impl OrderMilestone {
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.milestone().at)
    }

    /// What, for example `OrderPlaced`.
    async fn event(&self) -> &str {
        &self.milestone().event
    }

    /// The order's version after it, for `asOf`.
    async fn version(&self) -> u64 {
        self.index as u64 + 1
    }

    /// Who: `guest`, `customer:<id>`, `admin:<name>` or `process:<name>`. Only admins see it.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT")]
    async fn actor(&self) -> Result<Option<&str>> {
        if !self.order.scope().visitor().identity().is_admin() {
            return Ok(None);
        }
        let steps = self.order.steps().await?;
        Ok(steps.get(self.index).map(|step| step.actor.as_str()))
    }
}
