//! The function in the database that stores a group of messages (`sql/connector`).
#![expect(clippy::too_many_arguments, reason = "a list for each column")]

use diesel::{
    define_sql_function,
    sql_types::{Array, Bool, Nullable, Text, Timestamp, Timestamptz},
};

type Texts = Array<Text>;
type Optional = Array<Nullable<Text>>;
type Times = Array<Nullable<Timestamptz>>;

define_sql_function! {
    /// See `sql/connector`.
    #[sql_name = "public.connector_store"]
    fn connector_store(
        uuids: Texts, actors: Texts, contents: Texts, message_types: Optional, times: Array<Nullable<Timestamp>>,
        control_ids: Optional, acks: Optional, duplicate_acks: Texts, identifier_sets: Optional,
        correlation_ids: Texts, documents: Optional, is_appended: Array<Bool>, given_names: Optional,
        surnames: Optional, births: Times, nhs_numbers: Optional, hospital_numbers: Optional, classes: Optional,
        locations: Optional, triggers: Optional, senders: Optional, admissions: Times, discharges: Times,
        versions: Optional
    ) -> Texts;
}
