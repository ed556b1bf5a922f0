//! Swagger UI, for developers. Everything is in the program; the page loads nothing from elsewhere.

use axum::Router;
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};

/// The page at `/ui/`.
pub(super) const PAGE: &str = include_str!("ui.html");

/// What the page loads.
pub(super) fn assets() -> Router {
    generate_routes(ApiDefinition {
        uri_prefix: "/ui/assets",
        api_definition: OpenApiSource::Uri("/openapi.json"),
        title: None,
    })
}
