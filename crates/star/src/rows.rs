//! The rows of the star schema, grouped by subject. A table is declared once; see `star_table!`.

pub mod conditions;
pub mod forms;
pub mod identity;
pub mod labs;
pub mod movement;
pub mod observations;
pub mod operations;
pub mod places;
pub mod requests;

pub use self::{
    conditions::*, forms::*, identity::*, labs::*, movement::*, observations::*, operations::*, places::*,
    requests::*,
};

/// Calls a macro with every table: `field: Row,` or `field: Row => audit_field: Twin,`, those that others refer to first.
#[macro_export]
macro_rules! for_each_table {
    ($callback:ident) => {
        $callback! {
            mrn: Mrn,
            mrn_to_live: MrnToLive => mrn_to_live_audit: MrnToLiveAudit,
            hospital_visit: HospitalVisit => hospital_visit_audit: HospitalVisitAudit,
            core_demographic: CoreDemographic => core_demographic_audit: CoreDemographicAudit,
            department: Department,
            department_state: DepartmentState,
            department_event: DepartmentEvent,
            room: Room,
            room_state: RoomState,
            bed: Bed,
            location: Location,
            location_visit: LocationVisit => location_visit_audit: LocationVisitAudit,
            location_event: LocationEvent,
            hospital_service_event: HospitalServiceEvent,
            planned_movement: PlannedMovement => planned_movement_audit: PlannedMovementAudit,
            bed_state: BedState,
            bed_facility: BedFacility,
            visit_observation_type: VisitObservationType => visit_observation_type_audit: VisitObservationTypeAudit,
            visit_observation: VisitObservation => visit_observation_audit: VisitObservationAudit,
            lab_battery: LabBattery => lab_battery_audit: LabBatteryAudit,
            lab_test_definition: LabTestDefinition => lab_test_definition_audit: LabTestDefinitionAudit,
            lab_battery_element: LabBatteryElement => lab_battery_element_audit: LabBatteryElementAudit,
            lab_sample: LabSample => lab_sample_audit: LabSampleAudit,
            lab_order: LabOrder => lab_order_audit: LabOrderAudit,
            lab_result: LabResult => lab_result_audit: LabResultAudit,
            lab_isolate: LabIsolate => lab_isolate_audit: LabIsolateAudit,
            lab_sensitivity: LabSensitivity => lab_sensitivity_audit: LabSensitivityAudit,
            condition_type: ConditionType => condition_type_audit: ConditionTypeAudit,
            patient_condition: PatientCondition => patient_condition_audit: PatientConditionAudit,
            condition_visits: ConditionVisit,
            allergen_reaction: AllergenReaction => allergen_reaction_audit: AllergenReactionAudit,
            consultation_type: ConsultationType => consultation_type_audit: ConsultationTypeAudit,
            consultation_request: ConsultationRequest => consultation_request_audit: ConsultationRequestAudit,
            advance_decision_type: AdvanceDecisionType,
            advance_decision: AdvanceDecision => advance_decision_audit: AdvanceDecisionAudit,
            question: Question,
            request_answer: RequestAnswer => request_answer_audit: RequestAnswerAudit,
            form_definition: FormDefinition => form_definition_audit: FormDefinitionAudit,
            form_question: FormQuestion => form_question_audit: FormQuestionAudit,
            form: Form => form_audit: FormAudit,
            form_answer: FormAnswer => form_answer_audit: FormAnswerAudit,
            etl_per_message_logging: EtlPerMessageLogging,
            etl_message_reject: EtlMessageReject,
            etl_person_removal: EtlPersonRemoval,
        }
    };
}

pub(crate) use for_each_table;
