//! Orders by id, by number, and in the lists of those who run the shop.

use domain::sales::order;
use domain::stream::{StreamId, Topic};
use domain::value::Timestamp;
use domain::{Decided, Event};
use read_store::model::order::{
    BY_NUMBER, LISTED, Milestone, OrderView, PROJECTION, TABLES, by_id_key, by_number_key, listed_clustering,
    listed_partition,
};
use read_store::model::sold::{SOLD, sold_row};
use read_store::model::{Versioned, id_row};
use read_store::{Key, StoreError, Table};

use crate::projection::{DerivedRow, Projection};

mod evolve;

/// Orders by id, by number, and in the lists of those who run the shop.
#[derive(Debug)]
pub struct Orders;

impl Projection for Orders {
    const NAME: &'static str = PROJECTION;
    const VERSION: u32 = 3;
    const TOPICS: &'static [Topic] = &[Topic::Sales];
    const TABLES: &'static [&'static Table] = &TABLES;

    type View = OrderView;

    fn view_key(stream: &StreamId) -> Option<Key> {
        match stream {
            StreamId::Order(id) => Some(by_id_key(*id)),
            _ => None,
        }
    }

    fn evolve(view: Option<OrderView>, decided: &Decided, at: Timestamp) -> Option<OrderView> {
        let (Event::Order(event), StreamId::Order(id)) = (&decided.event, &decided.stream) else {
            return view;
        };
        let mut view = if let order::Event::OrderPlaced { .. } = event {
            evolve::placed(*id, event, at)?
        } else {
            view?
        };
        evolve::change(&mut view, event, at);
        view.timeline.push(Milestone {
            at,
            event: decided.event.name().to_owned(),
        });
        Some(view)
    }

    fn rows(versioned: &Versioned<OrderView>) -> Result<Vec<DerivedRow>, StoreError> {
        let view = &versioned.view;
        let listed = Key {
            partition: listed_partition(view.status),
            clustering: listed_clustering(view.placed, view.id),
        };
        Ok(vec![
            (&BY_NUMBER, id_row(by_number_key(&view.number), view.id.0)),
            (&LISTED, id_row(listed, view.id.0)),
            (&SOLD, sold_row(view)?),
        ])
    }
}

#[cfg(test)]
mod tests;
