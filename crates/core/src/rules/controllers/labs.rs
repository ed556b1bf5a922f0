//! Laboratory: batteries and tests, samples, orders, results, what grew in cultures.

pub(crate) mod batteries;
pub(crate) mod cancellation;
mod isolates;
pub(crate) mod orders;
pub(crate) mod results;
pub(crate) mod samples;
pub(crate) mod test_definitions;
