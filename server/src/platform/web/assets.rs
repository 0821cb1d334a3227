//! Style sheets, scripts and the font, from inside the binary, at addresses that change with their content.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use sha2::{Digest, Sha256};

const NHSUK_CSS: &str = include_str!(concat!(env!("OUT_DIR"), "/nhsuk.css"));
const HANDRAIL_CSS: &str = include_str!("../../../assets/handrail.css");
const NHSUK_JS: &str = include_str!(concat!(env!("OUT_DIR"), "/nhsuk.js"));
const HANDRAIL_JS: &str = include_str!("../../../assets/handrail.js");
const ICON: &str = include_str!("../../../assets/icon.svg");
const FONT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/inter.woff2"));

/// The folder of this build's files. Another build has another one, so that browsers may keep these for good.
pub static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for part in [NHSUK_CSS, HANDRAIL_CSS, NHSUK_JS, HANDRAIL_JS, ICON] {
        hash.update(part.as_bytes());
    }
    hash.finalize()[..6]
        .iter()
        .fold(String::from("/assets/"), |mut folder, byte| {
            let _ = write!(folder, "{byte:02x}");
            folder
        })
});

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let folder = FOLDER.as_str();
    Router::new()
        .route(
            &format!("{folder}/nhsuk.css"),
            get(|| file("text/css; charset=utf-8", NHSUK_CSS)),
        )
        .route(
            &format!("{folder}/handrail.css"),
            get(|| file("text/css; charset=utf-8", HANDRAIL_CSS)),
        )
        .route(
            &format!("{folder}/nhsuk.js"),
            get(|| file("text/javascript; charset=utf-8", NHSUK_JS)),
        )
        .route(
            &format!("{folder}/handrail.js"),
            get(|| file("text/javascript; charset=utf-8", HANDRAIL_JS)),
        )
        .route(
            &format!("{folder}/icon.svg"),
            get(|| file("image/svg+xml", ICON)),
        )
        .route(
            &format!("{folder}/inter.woff2"),
            get(|| file("font/woff2", FONT)),
        )
}

async fn file(kind: &'static str, body: impl IntoResponse) -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, kind),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        body,
    )
}
