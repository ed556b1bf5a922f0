//! Flowsheets: what nurses chart, and what the rows of their charts mean.

use chrono::{NaiveDate, NaiveTime};

use crate::{codes::ValueType, types::Instant, value::InterchangeValue, wire::declare::record};

const FLOWSHEET: &str = "flowsheet";

record! {
    /// One value on a patient's flowsheet.
    pub struct Flowsheet as "visit_observations.Flowsheet" ignoring ["lastUpdatedInstant"] {
        /// Where the type of observation belongs.
        source_observation_type = "sourceObservationType": Option<String> = Some(FLOWSHEET.to_owned()),
        /// Hospital number of the patient.
        mrn = "mrn": Option<String> = Some(String::new()),
        /// Id of the type of observation in HL7 (OBX-3).
        interface_id = "interfaceId": Option<String>,
        /// Number of the visit.
        visit_number = "visitNumber": Option<String> = Some(String::new()),
        /// The application that sent it.
        source_application = "sourceApplication": Option<String> = Some(String::new()),
        /// True for live data from HL7, false for nightly extracts.
        is_real_time = "isRealTime": Option<bool> = Some(false),
        /// Id of the type of observation inside the hospital system.
        flowsheet_id = "flowsheetId": Option<String>,
        /// Which of the values counts.
        value_type = "valueType": Option<ValueType>,
        /// The value, if a number.
        numeric_value = "numericValue": InterchangeValue<f64>,
        /// The value, if text.
        string_value = "stringValue": InterchangeValue<String>,
        /// The value, if a date.
        date_value = "dateValue": InterchangeValue<NaiveDate>,
        /// The value, if a time of day.
        time_value = "timeValue": InterchangeValue<NaiveTime>,
        /// Comment of who charted it.
        comment = "comment": InterchangeValue<String>,
        /// Unit of the number.
        unit = "unit": InterchangeValue<String>,
        /// When it was observed.
        observation_time = "observationTime": Option<Instant>,
        /// When the chart was last changed.
        updated_time = "updatedTime": Option<Instant>,
    }
}

record! {
    /// What a type of observation is called, and which ids belong to it.
    pub struct FlowsheetMetadata as "visit_observations.FlowsheetMetadata" {
        /// Id in HL7.
        interface_id = "interfaceId": Option<String>,
        /// Id inside the hospital system.
        flowsheet_id = "flowsheetId": Option<String>,
        /// Its name.
        name = "name": Option<String>,
        /// The name people see.
        display_name = "displayName": Option<String>,
        /// Kind of value, in the words of the hospital system.
        value_type = "valueType": Option<String>,
        /// Unit of its numbers.
        unit = "unit": Option<String>,
        /// What it is.
        description = "description": Option<String>,
        /// When it came into being.
        creation_instant = "creationInstant": Option<Instant>,
        /// When it last changed.
        last_updated_instant = "lastUpdatedInstant": Option<Instant>,
        /// Where the type of observation belongs.
        source_observation_type = "sourceObservationType": Option<String> = Some(FLOWSHEET.to_owned()),
    }
}
