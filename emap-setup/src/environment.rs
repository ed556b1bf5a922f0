//! `config/`: the environment files of an instance, written from templates and the configuration.

mod access;
mod env_file;
mod names;
mod snapshot;
mod templates;

pub use self::{
    access::group,
    env_file::{EnvFile, EnvFileError},
    names::{CONNECTOR, CORE, DIRECTORY, GLOBAL, HOOVER, RABBITMQ, READER, SUFFIX},
    snapshot::Snapshot,
    templates::{Rendered, render, write},
};
