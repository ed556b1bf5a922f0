//! Laboratory and imaging: orders, their results, cultures with sensitivities, what codes mean.

mod isolate;
mod metadata;
mod order;
mod result;

pub use isolate::LabIsolate;
pub use metadata::LabMetadata;
pub use order::LabOrder;
pub use result::LabResult;
