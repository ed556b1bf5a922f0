//! The rows of the star schema, grouped by subject. A table is declared once; see `star_table!`.

pub mod conditions;
pub mod forms;
pub mod identity;
pub mod labs;
pub mod movement;
pub mod observations;
pub mod operations;
pub mod places;
pub mod requests;

pub use self::{
    conditions::*, forms::*, identity::*, labs::*, movement::*, observations::*, operations::*, places::*,
    requests::*,
};
