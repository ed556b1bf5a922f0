//! Publishing and consuming: the same rules in process and over a real RabbitMQ, and its faults.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod broker_faults;
mod contract;
mod foreign;
mod hostile;
mod in_process;
mod proxy;
mod rabbitmq;
mod scenarios;
mod support;
mod tls;
