//! Message transformers: what a hospital's dialect needs before a message is read and before one is sent.
//!
//! Only the one that changes nothing exists; another name is refused for each message, as deployments that name one
//! rely on it.

/// The transformer that changes nothing.
pub(crate) const IDENTITY: &str = "dhos_connector_api.transformers.optimus_prime";

/// The named transformer does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("HL7 message converter is unavailable")]
pub(crate) struct Unavailable;

/// Whether messages can be transformed as the setting says.
///
/// # Errors
/// When there is no transformer of this name.
pub(crate) fn check(name: &str) -> Result<(), Unavailable> {
    if name == IDENTITY { Ok(()) } else { Err(Unavailable) }
}
