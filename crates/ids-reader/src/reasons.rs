//! Why a message gives nothing. Texts name segments and fields, never their content.

use emap_hl7::{BadTimestamp, ParseError, Place};
use emap_interchange::{Feature, OrderCodingSystem};
use strum::IntoStaticStr;
use thiserror::Error;

/// Why a message is left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// An ADT trigger that is converted for receivers with a feature only.
    #[error("no rule for this ADT trigger while the feature {0} is off")]
    FeatureOff(Feature),
    /// A registration that only opens an encounter (EVN-4 is `ENC_CREATE`).
    #[error("the registration only creates an encounter")]
    EncounterCreated,
    /// An order or result that no lab or department system is known for.
    #[error("unknown coding system of order or result")]
    UnknownCodingSystem,
    /// An order or result system that does not send this type of message.
    #[error("messages of this type are not read from {0}")]
    CodingSystem(OrderCodingSystem),
    /// Results of several patients in one message.
    #[error("results of several patients in one message")]
    SeveralPatients,
    /// A device tested itself; there is no patient.
    #[error("a device's test of itself")]
    SelfTest,
    /// Nothing to convert but the patient and visit, and these cannot be read.
    #[error("no readable patient and visit: {0}")]
    NoImpliedAdt(RejectReason),
}

impl SkipReason {
    /// A short word for metrics: the name of the reason in snake case.
    pub fn label(&self) -> &'static str {
        self.into()
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// A time of an event that names a month or a year only.
    #[error("{0}: a time without a day")]
    NoDay(Place),
    /// A time of an event long after its message was stored.
    #[error("{0}: a time more than a year after the message was stored")]
    Future(Place),
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
    /// A measured value that has to be a number, and is none.
    #[error("{0}: no number")]
    NoNumber(Place),
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
    /// A sub-id on a result that is about no isolate.
    #[error("{0}: a sub-id, but no isolate")]
    SubIdWithoutIsolate(Place),
    /// Sensitivities of an isolate that is not in the message.
    #[error("order {0} has sensitivities of an isolate that is not in the message")]
    NoParent(usize),
    /// An observation that has the name of a part of the report, beside the lines of that part.
    #[error("{0}: the name of a part of the report, which has lines of its own")]
    ReportPart(Place),
    /// Results of a data type that reports do not have.
    #[error("{0}: neither text nor document")]
    NoReport(Place),
    /// A line of another report among those of one.
    #[error("{0}: lines of different reports")]
    MixedReport(Place),
    /// A line of a report with several values.
    #[error("{0}: a report line with several values")]
    RepeatedLine(Place),
    /// A document without its head, or not encoded as the head says.
    #[error("{0}: no document in base64")]
    Document(Place),
    /// A note that gives an answer to no question.
    #[error("{0}: an answer without a question")]
    Question(Place),
}

impl RejectReason {
    /// A short word for metrics: the name of the reason in snake case.
    pub fn label(&self) -> &'static str {
        self.into()
    }
}

/// An item of a message (one allergy, one line of a report) that is left out because something is wrong with it, while
/// the rest of the message is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialReject {
    /// Where the item stands: the field by which it is refused, or the one that identifies it.
    pub place: Place,
    /// What is wrong with it.
    pub reason: RejectReason,
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
