//! Private PostgreSQL and RabbitMQ servers for the demo, benches and tests.
//!
//! Both run from the server binaries that the machine has installed, in a directory of their own and on free
//! ports of the loopback interface. They never connect to servers that are already running.
//!
//! **Nothing is left behind.** Each server has a *guard*: a small `sh` process that holds the end of a pipe
//! whose other end only this process has. However this process ends – normally, by a signal, by `kill -9` –
//! the pipe closes, and the guard stops the server and deletes its temporary directory. That is also why
//! [`postgres::shared`] and [`rabbitmq::shared`] can be plain statics.
//!
//! **Any user.** PostgreSQL refuses to run as root; started by root it runs as `postgres`, or `nobody` if
//! there is no such account. RabbitMQ runs as the user that started it.

mod account;
#[cfg(feature = "certificates")]
pub mod certificates;
mod error;
mod guard;
mod ports;
pub mod postgres;
mod private_dir;
mod process;
pub mod rabbitmq;
#[cfg(feature = "sql-server")]
pub mod sql_server;

pub use self::error::Error;
