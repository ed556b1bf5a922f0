-- Problems, infections and allergies.

select pg_temp.audited_table('condition_type', $$
    condition_type_id       bigint       primary key,
    stored_from             timestamptz  not null,
    valid_from              timestamptz  not null,
    data_type               varchar(255) not null,
    internal_code           varchar(255),
    name                    varchar(255),
    standardised_code       varchar(255),
    standardised_vocabulary varchar(255),
    sub_type                varchar(255)
$$);
select pg_temp.ensure_natural_key(
    'condition_type_natural_key', 'condition_type',
    'data_type, internal_code');
comment on table condition_type is 'A kind of problem, infection or allergen.';
comment on column condition_type.data_type is
    'Family of the condition: `PROBLEM_LIST`, `PATIENT_INFECTION` or `PATIENT_ALLERGY`.';
comment on column condition_type.internal_code is 'Code in the source system.';
comment on column condition_type.name is 'Name for people; null until supplied.';
comment on column condition_type.standardised_code is
    'Kept for a code of a standard vocabulary; no program fills it yet.';
comment on column condition_type.standardised_vocabulary is
    'Kept for the name of that vocabulary; no program fills it yet.';
comment on column condition_type.sub_type is
    'Group of allergens, for example food; null for other conditions.';

select pg_temp.audited_table('patient_condition', $$
    patient_condition_id bigint       primary key,
    stored_from          timestamptz  not null,
    valid_from           timestamptz  not null,
    added_date           date,
    added_datetime       timestamptz,
    classification       varchar(255),
    comment              text,
    internal_id          bigint,
    is_deleted           boolean,
    onset_date           date,
    priority             varchar(255),
    resolution_date      date,
    resolution_datetime  timestamptz,
    severity             varchar(255),
    status               varchar(255),
    condition_type_id    bigint       not null references condition_type,
    hospital_visit_id    bigint       references hospital_visit,
    mrn_id               bigint       not null references mrn
$$);
select pg_temp.ensure_index('pc_internal_id', 'patient_condition', 'internal_id');
select pg_temp.ensure_index('patient_condition_mrn_id', 'patient_condition', 'mrn_id', any_name => true);
select pg_temp.ensure_index(
    'patient_condition_condition_type_id', 'patient_condition', 'condition_type_id', any_name => true);
select pg_temp.ensure_index(
    'patient_condition_hospital_visit_id', 'patient_condition', 'hospital_visit_id', any_name => true);
comment on table patient_condition is
    'A problem, infection or allergy of a patient, from its entry to its resolution.';
comment on column patient_condition.added_date is 'Date of entry (problems).';
comment on column patient_condition.added_datetime is 'Time of entry (infections and allergies).';
comment on column patient_condition.classification is
    'Kept for the class of a problem; no program fills it yet.';
comment on column patient_condition.comment is 'Comment of the clinician.';
comment on column patient_condition.internal_id is
    'Number of the entry in the source system; null for infections known from HL7 only.';
comment on column patient_condition.is_deleted is 'True once the source system deleted the entry.';
comment on column patient_condition.onset_date is 'Date it began clinically, if known.';
comment on column patient_condition.priority is
    'Kept for the priority of a problem; no program fills it yet.';
comment on column patient_condition.resolution_date is 'Date of resolution (problems).';
comment on column patient_condition.resolution_datetime is 'Time of resolution (infections).';
comment on column patient_condition.severity is 'Severity in the sender''s words.';
comment on column patient_condition.status is
    'Status in the sender''s words, for example active or resolved.';
comment on column patient_condition.condition_type_id is 'What the patient has.';
comment on column patient_condition.hospital_visit_id is
    'Visit of the latest message, if it named one; all visits are in `condition_visits`.';
comment on column patient_condition.mrn_id is 'Identifier of the patient.';

select pg_temp.plain_table('condition_visits', $$
    condition_visits_id  bigint       primary key,
    hospital_visit_id    bigint       not null references hospital_visit,
    patient_condition_id bigint       not null references patient_condition
$$);
select pg_temp.ensure_index('cv_hospital_visit_id', 'condition_visits', 'hospital_visit_id');
select pg_temp.ensure_index('cv_condition_visits_id', 'condition_visits', 'condition_visits_id');
select pg_temp.ensure_natural_key(
    'condition_visits_natural_key', 'condition_visits',
    'patient_condition_id, hospital_visit_id');
comment on table condition_visits is 'A visit during which a problem or an allergy was mentioned.';
comment on column condition_visits.hospital_visit_id is 'The visit.';
comment on column condition_visits.patient_condition_id is 'The problem or allergy.';

select pg_temp.audited_table('allergen_reaction', $$
    allergen_reaction_id bigint       primary key,
    stored_from          timestamptz  not null,
    valid_from           timestamptz  not null,
    name                 varchar(255),
    patient_condition_id bigint       not null references patient_condition
$$);
select pg_temp.ensure_index(
    'allergen_reaction_patient_condition_id', 'allergen_reaction', 'patient_condition_id', any_name => true);
comment on table allergen_reaction is 'A reaction of a patient to an allergen.';
comment on column allergen_reaction.name is 'Name of the reaction.';
comment on column allergen_reaction.patient_condition_id is 'The allergy.';

select pg_temp.describe_common_columns();
