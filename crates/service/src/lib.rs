//! Daemon chassis: what every long-running program of EMAP needs besides its own work.
//!
//! * [`settings`]: defaults in code, then an optional YAML file, then the environment
//! * [`telemetry`]: log lines, plain or JSON
//! * [`metrics`]: the Prometheus recorder
//! * [`health`] and [`http`]: what is up, and the endpoints that say so
//! * [`shutdown`]: SIGTERM and SIGINT as a token that every task can wait for
//! * [`backoff`]: how long to wait before the next try
//! * [`chassis`]: all of these started together
//!
//! A daemon's `main` is then: load [`Settings`], start a [`Chassis`], do
//! its work until the [`Shutdown`] token says stop.

pub mod backoff;
pub mod chassis;
pub mod health;
pub mod http;
pub mod metrics;
pub mod settings;
pub mod shutdown;
pub mod telemetry;

pub use backoff::Backoff;
pub use chassis::Chassis;
pub use health::{Component, Health};
pub use settings::{BrokerSettings, DatabaseSettings, Settings, SettingsError};
pub use shutdown::Shutdown;
