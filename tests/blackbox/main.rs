//! Black-box tests: the real binary over HTTP and GraphQL.

mod journey;
mod stampede;
