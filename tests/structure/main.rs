//! The structure of the workspace.
