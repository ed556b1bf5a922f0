//! Daemon chassis: what every long-running program of EMAP needs besides its own work.
//!
//! * [`program`]: `--config`, a daemon or a single piece of work from settings to exit code
//! * [`runtime`]: what a daemon's `run` is given
//! * [`settings`]: defaults in code, then an optional YAML file, then the environment
//! * [`retry`]: waiting for a server, the same way everywhere
//! * [`cancellation`]: SIGTERM and SIGINT as a token that every task can wait for
//! * [`health`] and [`http`]: what is up, and the endpoints that report it
//! * [`readiness`]: the command `health` of each daemon
//! * [`stop`]: the end of a daemon within a known time, also while it waits
//! * [`telemetry`] and [`metrics`]: log lines, plain or JSON, and the Prometheus recorder
//! * [`migration`]: commands that bring a schema up to date
//! * [`panics`]: panics that concern one piece of work and not the process
//! * [`chassis`]: logs, metrics, signals and endpoints started together

pub mod cancellation;
pub mod chassis;
pub mod health;
pub mod http;
pub mod metrics;
pub mod migration;
pub mod panics;
pub mod program;
pub mod readiness;
pub mod retry;
pub mod runtime;
pub mod settings;
pub mod stop;
pub mod telemetry;

pub use self::{
    chassis::Chassis,
    health::{Component, Health},
    retry::{GaveUp, Retry},
    runtime::Runtime,
    settings::{DatabaseSettings, Key, Settings, SettingsError},
};
pub use emap_queue::Backoff;
pub use tokio_util::sync::CancellationToken;
