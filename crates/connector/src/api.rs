//! The HTTP endpoints.

mod body;
mod checks;
mod endpoint;
mod errors;
mod handlers;
mod health_check;
mod openapi;
mod requests;
mod server;
mod ui;

pub use self::openapi::{document, document_yaml};

pub(crate) use self::server::{LATENCY, router};
