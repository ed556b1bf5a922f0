//! What can be wrong with an option.

use std::io;

use thiserror::Error;

/// An option that cannot be passed on. Its value is not repeated, nor a name that is not known: after a password that
/// was not encoded, either may be a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadOption {
    /// There is such an option, but what it stands for cannot be done here.
    #[error("the option {0} is not supported with this value")]
    Unsupported(&'static str),
    /// The option does not take this value.
    #[error("the option {0} does not take this value")]
    Value(&'static str),
    /// The value is not properly percent-encoded.
    #[error("in the option {0}, a % begins no escape: write it as %25")]
    Escape(&'static str),
    /// The file that the option names is not there, or closed to us.
    #[error("the file of the option {0} cannot be read: {1}")]
    Unreadable(&'static str, io::ErrorKind),
    /// The file of the private key is of a kind that libpq does not read.
    #[error("the file of the option {0} is {1}, which libpq does not read: convert it to PEM")]
    KeyFormat(&'static str, &'static str),
    /// Neither the Java driver nor libpq has such an option.
    #[error("option {0} of the URL is neither one of the Java driver nor of libpq")]
    Unknown(usize),
}
