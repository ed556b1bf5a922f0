//! Consultations, advance decisions, and the questions asked with requests.

use chrono::{DateTime, Utc};

use super::identity::HospitalVisitId;
use crate::star_table::star_table;

star_table! {
    /// A kind of consultation that can be requested.
    ConsultationType: audited,
    known_by [code],
    columns {
        /// Code in the source system; unique.
        code: String => (Varchar),
        /// Name for people; null until its description arrives.
        name: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// The kind with a code.
        shared_unique ConsultationTypeByCode: code => String,
    }
}

star_table! {
    /// A request that a specialist sees the patient.
    ConsultationRequest: audited,
    known_by [internal_id],
    columns {
        /// True when a user called it off.
        cancelled: Option<bool> => (Nullable<Bool>),
        /// True when it was closed because the patient left.
        closed_due_to_discharge: Option<bool> => (Nullable<Bool>),
        /// Notes that answer no particular question.
        comments: Option<String> => (Nullable<Text>),
        /// Number of the request in the source system.
        internal_id: i64 => (BigInt),
        /// When the consultation is to take place.
        scheduled_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// When its status last changed.
        status_change_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// The kind of consultation.
        consultation_type_id: ConsultationTypeId => (BigInt),
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
    }
    lookups {
        /// Consultations requested during a visit.
        many ConsultationByVisit: hospital_visit_id => HospitalVisitId,
        /// The request with a number in the source system.
        shared_unique ConsultationByNumber: internal_id => i64,
    }
}

star_table! {
    /// A kind of advance decision, for example one about resuscitation.
    AdvanceDecisionType: type_table,
    known_by [care_code],
    columns {
        /// Code in the source system; unique.
        care_code: String => (Varchar),
        /// Name for people.
        name: String => (Varchar),
    }
    lookups {
        /// The kind with a code.
        shared_unique AdvanceDecisionTypeByCode: care_code => String,
    }
}

star_table! {
    /// An advance decision recorded during a visit.
    AdvanceDecision: audited,
    known_by [internal_id],
    columns {
        /// True when a user called it off.
        cancelled: Option<bool> => (Nullable<Bool>),
        /// True when it was closed because the patient left.
        closed_due_to_discharge: Option<bool> => (Nullable<Bool>),
        /// Number of the decision in the source system; unique.
        internal_id: i64 => (BigInt),
        /// When it was first recorded.
        requested_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// When its status last changed.
        status_change_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// The kind of decision.
        advance_decision_type_id: AdvanceDecisionTypeId => (BigInt),
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
    }
    lookups {
        /// Advance decisions recorded during a visit.
        many AdvanceDecisionByVisit: hospital_visit_id => HospitalVisitId,
        /// The decision with a number in the source system.
        shared_unique AdvanceDecisionByNumber: internal_id => i64,
    }
}

star_table! {
    /// A question that laboratory orders, consultation requests or advance decisions ask.
    Question(question_rows = "question", question_id): type_table,
    known_by [question],
    columns {
        /// Text of the question.
        question: String => (Text),
        /// When the star database first stored the question.
        stored_from: DateTime<Utc> => (Timestamptz),
        /// Event time of the first message that asked it.
        valid_from: DateTime<Utc> => (Timestamptz),
    }
    lookups {
        /// The question with a text.
        shared_unique QuestionByText: question => String,
    }
}

star_table! {
    /// The answer to a question, given with one order, request or decision.
    RequestAnswer: audited,
    known_by [parent_id, question_id],
    columns {
        /// Text of the answer; may be empty.
        answer: Option<String> => (Nullable<Text>),
        /// Key of the row it was given with, in the table that `parent_table` names.
        parent_id: i64 => (BigInt),
        /// What it was given with: `LAB_SAMPLE`, `CONSULT_REQUEST` (`consultation_request`) or
        /// `ADVANCE_DECISION`.
        parent_table: String => (Varchar),
        /// The question.
        question_id: QuestionId => (BigInt),
    }
    lookups {
        /// Answers given with an order, a request or a decision.
        many AnswerByParent: parent_id => i64,
    }
}
