//! The read side: one GraphQL endpoint over the rows that projectors write.
//!
//! [`router`] mounts `/graphql`. Rows are read through `read-store`'s port, personal fields are opened with the
//! `schemas` crate's `Sealer`, carts are priced by the very rules of the command side (`domain`). Nothing here
//! writes.

mod audience;
mod consistency;
mod cursor;
mod document;
mod error;
mod history;
mod http;
mod kept;
pub mod limits;
mod live;
mod loader;
mod planted;
mod reading;
mod roll;
mod schema;
mod scope;
mod sockets;
mod state;
#[cfg(test)]
mod testkit;

pub use audience::{COUNTRY_HEADER, CURRENCY_HEADER};
pub use history::{AsOf, History, HistoryError as PastError, LedgerLine, NoPoint, OrderStep, Told, WhyStep};
pub use http::{TOKEN_HEADER, router};
pub use schema::schema_definition;
pub use state::{QueryOptions, QueryParts, QueryState};
