//! `global-configuration.yaml`: one file that describes an instance, and the look-ups in it.
//!
//! Sections are mappings of keys to scalars. They are not namespaces: a key is found in whatever section has it, in a
//! fixed order ([`Configuration::get_first`]).

mod dates;
mod document;
mod error;
mod load;
mod lookups;
mod scalar;
mod suggestions;

pub use self::{
    document::{Document, Node, Place, YamlError},
    error::ConfigurationError,
    load::{load, read},
    lookups::Configuration,
    scalar::Scalar,
    suggestions::warn_of_unknown_keys,
};
