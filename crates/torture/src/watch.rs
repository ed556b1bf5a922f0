//! Looking at the pipeline while it runs: does it get on, and does it say the truth about itself?

mod endpoints;
mod progress;

pub(crate) use self::{
    endpoints::Endpoints,
    progress::{Advances, Progress},
};
