//! Consults, advance decisions and opt-outs.

use emap_interchange::{AdvanceDecision, ConsultMetadata, ConsultRequest, ResearchOptOut};
use proptest::{option, prelude::*};

use super::{
    record::record,
    value::{maybe_instant, maybe_text, questions, wrapped_text},
};

pub(crate) fn consult_request() -> BoxedStrategy<ConsultRequest> {
    record!(ConsultRequest {
        epic_consult_id: option::of(any::<i64>()),
        mrn: maybe_text(),
        visit_number: maybe_text(),
        consultation_type: maybe_text(),
        status_change_date_time: maybe_instant(),
        scheduled_date_time: maybe_instant(),
        questions: questions(),
        notes: wrapped_text(),
        cancelled: any::<bool>(),
        closed_due_to_discharge: any::<bool>(),
    })
}

pub(crate) fn consult_metadata() -> BoxedStrategy<ConsultMetadata> {
    record!(ConsultMetadata { code: maybe_text(), name: maybe_text(), last_updated_date: maybe_instant() })
}

pub(crate) fn advance_decision() -> BoxedStrategy<AdvanceDecision> {
    record!(AdvanceDecision {
        advance_decision_number: option::of(any::<i64>()),
        mrn: maybe_text(),
        visit_number: maybe_text(),
        advance_care_code: maybe_text(),
        advance_decision_type_name: maybe_text(),
        questions: questions(),
        status_change_date_time: maybe_instant(),
        requested_date_time: maybe_instant(),
        cancelled: any::<bool>(),
        closed_due_to_discharge: any::<bool>(),
    })
}

pub(crate) fn research_opt_out() -> BoxedStrategy<ResearchOptOut> {
    record!(ResearchOptOut {
        nhs_number: maybe_text(),
        mrn: maybe_text(),
        last_updated: maybe_instant(),
        active: any::<bool>(),
    })
}
