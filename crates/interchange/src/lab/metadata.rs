//! What the codes of a laboratory mean.

use crate::{
    codes::{LabsMetadataType, OrderCodingSystem},
    types::Instant,
    wire::declare::record,
};

record! {
    /// The name of a test or battery.
    pub struct LabMetadata as "lab.LabMetadataMsg" {
        /// The code.
        short_code = "shortCode": Option<String>,
        /// Whose code it is.
        coding_system = "codingSystem": Option<OrderCodingSystem>,
        /// What people call it.
        name = "name": Option<String>,
        /// Test or battery.
        labs_metadata_type = "labsMetadataType": Option<LabsMetadataType>,
        /// Since when code and name belong together.
        valid_from = "validFrom": Option<Instant>,
    }
}
