//! Black-box tests: the real binary over HTTP and GraphQL.
