//! What the codes of laboratories mean: batteries and tests.

use emap_interchange::{Instant, LabMetadata, LabsMetadataType, Message, OrderCodingSystem};

use crate::{
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated},
    values::message,
};

const BATTERY: &str = "BATTERY";
const TEST: &str = "TEST";

static DEFINITION: Definition = Definition {
    name: "LabMetadata",
    source: SourceName::Clarity,
    file: "clarity/lab_metadata.sql",
    built_in: built_in!("clarity/lab_metadata.sql"),
    sub_ids: &[BATTERY, TEST],
    instants: InstantCalculator::OpenEnded,
    // The only times of this source that are not those of the hospital's clocks.
    times: Times::Utc,
    order: "on the first pass created_at_utc, later the greater of both times; row_no",
    columns: LabCodeRow::COLUMNS,
};

/// The systems whose codes are sent, by their names in the source.
const SYSTEMS: [(&str, OrderCodingSystem); 6] = [
    ("WIN_PATH", OrderCodingSystem::WinPath),
    ("ABL90_FLEX_PLUS", OrderCodingSystem::Abl90FlexPlus),
    ("BIO_CONNECT", OrderCodingSystem::BioConnect),
    ("CO_PATH", OrderCodingSystem::CoPath),
    ("BANK_MANAGER", OrderCodingSystem::BankManager),
    ("PACS", OrderCodingSystem::Pacs),
];

row! {
    /// A code of a laboratory.
    pub struct LabCodeRow {
        row_no: i64 = SqlType::BigInt, "number of the definition";
        short_code: String = SqlType::Varchar(30), "code of the battery or test, as in orders and results";
        full_name: String = SqlType::Varchar(200), "what people call it";
        lab_system: String = SqlType::Varchar(30), "name of the coding system, such as WIN_PATH";
        created_at_utc: Instant = SqlType::DateTime2(3), "when it was defined, UTC";
        updated_at_utc: Option<Instant> = SqlType::DateTime2(3), "when the definition last changed, UTC";
    }
}

/// Data type `LabMetadata`, with the parts `BATTERY` and `TEST`.
#[derive(Debug, Clone, Copy)]
pub struct LabMetadataStrategy;

impl LabCodeRow {
    fn last_changed(&self) -> Instant {
        self.updated_at_utc.map_or(self.created_at_utc, |updated| updated.max(self.created_at_utc))
    }

    /// On the first pass the time of its making, so that no definition is younger than the results that use it.
    fn valid_from(&self, scope: &Scope) -> Instant {
        if scope.is_first_pass() { self.created_at_utc } else { self.last_changed() }
    }
}

impl QueryStrategy for LabMetadataStrategy {
    type Row = LabCodeRow;
    type Record = LabCodeRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: LabCodeRow) -> LabCodeRow {
        row
    }

    fn updated(&self, row: &LabCodeRow, scope: &Scope) -> Updated {
        Updated::at(row.valid_from(scope))
    }

    fn seen(&self, row: &LabCodeRow, _: &Scope) -> Option<Instant> {
        Some(row.last_changed())
    }

    fn row_id(&self, row: &LabCodeRow) -> String {
        row.row_no.to_string()
    }

    fn message(&self, row: &LabCodeRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let system = SYSTEMS.iter().find(|(name, _)| *name == row.lab_system);
        let unknown = || {
            Unconvertible::new(row.row_no, format!("lab_system: unknown coding system {:?}", row.lab_system))
        };
        let (_, coding_system) = system.ok_or_else(unknown)?;
        let is_battery = scope.sub_id == BATTERY;
        let payload = LabMetadata {
            short_code: Some(row.short_code.clone()),
            coding_system: Some(*coding_system),
            name: Some(row.full_name.clone()),
            labs_metadata_type: Some(if is_battery {
                LabsMetadataType::Battery
            } else {
                LabsMetadataType::Test
            }),
            valid_from: Some(row.valid_from(scope)),
        };
        Ok(message(DEFINITION.source, row.row_no.to_string(), payload))
    }
}
