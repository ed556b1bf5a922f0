//! The three daemons: how they are configured, and a supervisor that starts them again.

mod settings;
mod supervised;

pub(crate) use self::{
    settings::{Addresses, connector, core, of_star, reader},
    supervised::{Ended, Supervised},
};
