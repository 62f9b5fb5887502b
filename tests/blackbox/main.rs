//! Black-box tests: the real binary over HTTP and GraphQL.

mod bad_input;
mod catalogue;
mod crash;
mod document;
mod export;
mod first_minute;
mod import;
mod inventory_file;
mod journey;
mod languages;
mod ledger;
mod operator;
mod pages;
mod parked;
mod readme;
mod rebuilds;
mod sales;
mod scenarios;
mod search;
mod stampede;
mod stock_audit;
mod stuck;
mod subscriptions;
mod understanding;
