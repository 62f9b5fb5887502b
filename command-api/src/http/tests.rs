//! Every endpoint over the real command path on the embedded log.

mod access;
mod bodies;
mod desk;
mod edges;
mod journey;
mod keys;
