//! Ways to reach a broker.
//!
//! [`Publisher`](crate::Publisher) and [`Consumer`](crate::Consumer) work over small traits (module `link`) and do not know which implementation they use: `amqp` talks to RabbitMQ, [`in_process`] is
//! a broker inside the program with the same rules.

pub(crate) mod amqp;
pub(crate) mod config;
pub mod in_process;
pub(crate) mod link;

pub use self::config::{BrokerConfig, BrokerTls, ClientCertificate};

/// Which broker to use.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A RabbitMQ server.
    Amqp(BrokerConfig),
    /// A broker inside this program.
    InProcess(in_process::Broker),
}
