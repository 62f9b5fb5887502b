//! What holds of the workspace as a whole, read from its manifests and its sources.

mod dependencies;
mod documents;
mod sources;
mod workspace;
