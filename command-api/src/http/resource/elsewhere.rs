//! What is asked for where nothing is.

use axum::http::StatusCode;

use crate::http::problem::Problem;

/// No route has this path.
pub(crate) async fn not_found() -> Problem {
    Problem::absent("path.absent", "nothing has this address")
}

/// The path has other methods; `Allow` names them.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method.not_allowed",
        "this address does not take this method",
    )
}
