//! Faults of the servers themselves: up, but unwilling.
//!
//! Stopping, killing and starting are methods of the servers of [`emap_local_services`].

mod disk;
pub mod postgres;
pub mod rabbitmq;

pub use self::disk::{NoDisk, SmallDisk};
