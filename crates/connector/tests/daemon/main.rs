//! The daemon with real servers: PostgreSQL and RabbitMQ of its own, and stand-ins for the platform's HTTP services.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod http_api;
mod messages;
mod mllp;
mod outages;
mod outbound;
mod receiving;
mod site;
mod stand_in;
