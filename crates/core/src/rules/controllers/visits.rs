//! Visits of patients to the hospital: class, arrival, presentation, admission, discharge, and whose they are.

mod moving;
mod visit;

pub(crate) use self::{
    moving::move_visit,
    visit::{get_or_create, update},
};
