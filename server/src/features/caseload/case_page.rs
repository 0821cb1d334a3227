//! One case on one page.

use axum::response::Response;

use crate::platform::{Error, Result};

pub async fn show_case() -> Result<Response> {
    Err(Error::NotFound)
}
