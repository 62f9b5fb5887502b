//! No container runs where this is built, so the files are read: `compose.yaml` must be well formed, run the same
//! versions with the same settings as the engines of the tests, and everything beside it must fit.

mod compose;
mod dockerfile;
mod files;
mod metrics;
mod settings;
mod variables;
