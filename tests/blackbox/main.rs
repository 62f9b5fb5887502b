//! Black-box tests: the real binary over HTTP and GraphQL.

mod crash;
mod journey;
mod readme;
mod stampede;
