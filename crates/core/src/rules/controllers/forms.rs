//! Forms made of smart data elements.

pub(crate) mod answers;
mod change;
pub(crate) mod instances;
pub(crate) mod templates;
