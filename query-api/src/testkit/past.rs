//! A past that the tests write by hand.

use std::sync::{Arc, Mutex, PoisonError};

use domain::stream::{Location, StreamId};
use domain::value::{CartId, OrderId, Sku, Timestamp};
use futures::FutureExt;
use read_store::model::Versioned;
use read_store::model::cart::CartView;
use read_store::model::order::OrderView;

use crate::{AsOf, History, LedgerLine, OrderStep, PastError, Told, WhyStep};

/// What there is to tell, and what was asked for.
#[derive(Clone, Default)]
pub(crate) struct TestPast(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    order: Option<Versioned<OrderView>>,
    steps: Vec<OrderStep>,
    asked: Vec<AsOf>,
}

impl TestPast {
    /// Tells of this order from now on.
    pub(crate) fn tell(&self, order: Versioned<OrderView>, steps: Vec<OrderStep>) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.order = Some(order);
        told.steps = steps;
    }

    /// For which moments it was asked.
    pub(crate) fn asked(&self) -> Vec<AsOf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }
}

impl History for TestPast {
    fn cart(&self, _id: CartId, _since: Timestamp, _as_of: AsOf) -> Told<'_, Option<Versioned<CartView>>> {
        let slow = PastError {
            code: "history.too_slow",
            message: "it was not found in time".to_owned(),
        };
        async { Err(slow) }.boxed()
    }

    fn order(&self, id: OrderId, _since: Timestamp, as_of: AsOf) -> Told<'_, Option<Versioned<OrderView>>> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.asked.push(as_of);
        let order = told.order.clone().filter(|order| order.view.id == id);
        async { Ok(order) }.boxed()
    }

    fn order_steps(&self, _id: OrderId, _since: Timestamp) -> Told<'_, Vec<OrderStep>> {
        let steps = self.0.lock().unwrap_or_else(PoisonError::into_inner).steps.clone();
        async { Ok(steps) }.boxed()
    }

    fn why(&self, _stream: StreamId, _steps_max: usize) -> Told<'_, Vec<WhyStep>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn ledger(&self, _sku: Sku, _location: Location, _after: u64, _lines_max: usize) -> Told<'_, Vec<LedgerLine>> {
        async { Ok(Vec::new()) }.boxed()
    }
}
