//! Laboratory and imaging: orders, their results, cultures with sensitivities, what codes mean.

mod metadata;
mod order;
mod result;

pub use self::{
    metadata::LabMetadata,
    order::LabOrder,
    result::{LabIsolate, LabResult},
};
