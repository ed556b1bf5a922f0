//! Why a message gives nothing. Texts name segments and fields, never their content.

use emap_hl7::{BadTimestamp, ParseError, Place};
use thiserror::Error;

use crate::coding_system::CodingSystem;

/// Why a message is left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SkipReason {
    /// No rule for this message type and trigger.
    #[error("no rule for this message type and trigger")]
    UnknownType,
    /// An ADT message from another system than the hospital's record system.
    #[error("ADT messages are only read from EPIC")]
    Sender,
    /// An ADT trigger that no rule converts.
    #[error("no rule for this ADT trigger")]
    Trigger,
    /// A registration that only opens an encounter (EVN-4 is `ENC_CREATE`).
    #[error("the registration only creates an encounter")]
    EncounterCreated,
    /// An order or result that no lab or department system is known for.
    #[error("unknown coding system of order or result")]
    UnknownCodingSystem,
    /// An order or result system that does not send this type of message.
    #[error("messages of this type are not read from {0}")]
    CodingSystem(CodingSystem),
    /// Results of several patients in one message.
    #[error("results of several patients in one message")]
    SeveralPatients,
    /// A device tested itself; there is no patient.
    #[error("a device's test of itself")]
    SelfTest,
    /// Nothing to convert but the patient and visit, and these cannot be read.
    #[error("no patient and visit data to tell: {0}")]
    NoImpliedAdt(RejectReason),
}

impl SkipReason {
    /// A short word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::Sender => "sender",
            Self::Trigger => "trigger",
            Self::EncounterCreated => "encounter_created",
            Self::UnknownCodingSystem => "unknown_coding_system",
            Self::CodingSystem(_) => "coding_system",
            Self::SeveralPatients => "several_patients",
            Self::SelfTest => "self_test",
            Self::NoImpliedAdt(_) => "no_implied_adt",
        }
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RejectReason {
    /// Not an HL7 message.
    #[error("no HL7 message: {0}")]
    Parse(#[from] ParseError),
    /// Cut off so early that it cannot be a real message.
    #[error("the message has fewer than {0} field separators")]
    Truncated(usize),
    /// No message type and trigger in MSH-9.
    #[error("MSH-9 (segment 1): no message type and trigger")]
    MessageType,
    /// MSH-12 is none of the versions 2.1 to 2.8.
    #[error("MSH-12 (segment 1): no version of HL7 from 2.1 to 2.8")]
    Version,
    /// No sending application in MSH-3.
    #[error("MSH-3 (segment 1): no sending application")]
    NoSender,
    /// A value whose data type (OBX-2) is missing or none of HL7's.
    #[error("{0}: no data type for the value")]
    DataType(Place),
    /// A timestamp that cannot be read.
    #[error(transparent)]
    Timestamp(#[from] BadTimestamp),
    /// A patient class that is not in the value list.
    #[error("{0}: unknown patient class")]
    PatientClass(Place),
    /// An action on a condition that is not in the value list.
    #[error("{0}: unknown action")]
    ConditionAction(Place),
    /// A time of day where a calendar date is due.
    #[error("{0}: more than a date")]
    NotADate(Place),
    /// An identifier that has to be a whole number, and is none.
    #[error("{0}: no whole number")]
    Number(Place),
    /// A segment without which the message says nothing of its subject.
    #[error("no {0} segment")]
    Missing(&'static str),
    /// More orders than a message of its kind can have.
    #[error("the message has {0} orders instead of one")]
    SeveralOrders(usize),
    /// More observations than a message of its kind can have.
    #[error("the message has {0} observations instead of one")]
    SeveralObservations(usize),
    /// An order for a sample without the time at which it was taken.
    #[error("{0}: no time of collection")]
    CollectionTime(Place),
    /// An order without the code that says what happens to it.
    #[error("{0}: no order control code")]
    NoControl(Place),
    /// The number of a sample is shorter than the laboratory's numbers are.
    #[error("{0}: the specimen number is too short")]
    SpecimenNumber(Place),
    /// Order and request name different order numbers.
    #[error("{0}: another order number than in the ORC segment")]
    OrderNumbers(Place),
    /// A coded value for a test that is no culture.
    #[error("{0}: a coded value, but the test is no culture")]
    CodedValue(Place),
    /// An isolate without the code of the organism.
    #[error("{0}: an isolate without a code")]
    IsolateCode(Place),
    /// A sub-id on a result that tells of no isolate.
    #[error("{0}: a sub-id, but no isolate")]
    SubIdWithoutIsolate(Place),
    /// Sensitivities of an isolate that is not in the message.
    #[error("order {0} tells sensitivities of an isolate that is not in the message")]
    NoParent(usize),
    /// A line of a report after an observation that has the name of that part of the report.
    #[error("{0}: a report line, but another observation has the name of its part")]
    ReportPart(Place),
    /// A note that gives an answer to no question.
    #[error("{0}: an answer without a question")]
    Question(Place),
}

impl RejectReason {
    /// A short word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Parse(_) => "parse",
            Self::Truncated(_) => "truncated",
            Self::MessageType => "message_type",
            Self::Version => "version",
            Self::NoSender => "no_sender",
            Self::DataType(_) => "data_type",
            Self::Timestamp(_) => "timestamp",
            Self::PatientClass(_) => "patient_class",
            Self::ConditionAction(_) => "condition_action",
            Self::NotADate(_) => "not_a_date",
            Self::Number(_) => "number",
            Self::Missing(_) => "missing",
            Self::SeveralOrders(_) => "several_orders",
            Self::SeveralObservations(_) => "several_observations",
            Self::CollectionTime(_) => "collection_time",
            Self::NoControl(_) => "no_control",
            Self::SpecimenNumber(_) => "specimen_number",
            Self::OrderNumbers(_) => "order_numbers",
            Self::CodedValue(_) => "coded_value",
            Self::IsolateCode(_) => "isolate_code",
            Self::SubIdWithoutIsolate(_) => "sub_id_without_isolate",
            Self::NoParent(_) => "no_parent",
            Self::ReportPart(_) => "report_part",
            Self::Question(_) => "question",
        }
    }
}

/// Either of the two, while a message is being converted.
#[derive(Debug)]
pub(crate) enum Failure {
    Skip(SkipReason),
    Reject(RejectReason),
}

impl From<SkipReason> for Failure {
    fn from(reason: SkipReason) -> Self {
        Self::Skip(reason)
    }
}

impl<R: Into<RejectReason>> From<R> for Failure {
    fn from(reason: R) -> Self {
        Self::Reject(reason.into())
    }
}
