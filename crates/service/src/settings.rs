//! Settings: defaults in code, overridden by an optional YAML file, overridden by an optional file of variables
//! (`EMAP_ENV_FILE`), overridden by the environment.
//!
//! A setting has a dotted name such as `ids.cfg.end-datetime`. In the file the dots are levels; in the environment
//! the name is upper case with `_` for `.` and `-` (`IDS_CFG_END_DATETIME`; a dash may also be left out).
//!
//! Each setting is declared once, as a constant [`Key`] or [`RequiredKey`] that holds its name, type, default and
//! meaning, and is read by that constant ([`Settings::get`]). A [`secret`](Key::secret) may also be given as the name of
//! a file that holds it (`UDS_PASSWORD_FILE`, in the file `password-file`). What a program reads is a list of [`Group`]s, so a name in
//! the file that no group declares is an error and not a silent typing mistake.

pub mod broker;
mod database;
mod database_args;
pub mod env_file;
mod error;
mod file;
mod http;
mod key;
mod loaded;
mod log;
pub mod publishing;
pub mod retrying;
mod secret;
mod value;
pub mod zone;

pub use self::{
    database::DatabaseSettings,
    database_args::DatabaseArgs,
    error::SettingsError,
    http::HttpSettings,
    key::{AnyKey, Group, Key, RequiredKey, TypedKey},
    loaded::Settings,
    log::{LogFormat, LogSettings},
    value::Value,
};
