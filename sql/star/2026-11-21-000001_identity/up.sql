-- Who the patient is: identifiers, visits, demographics.

-- The keys of all tables come from one sequence, so a key is unique across the whole schema.
create sequence if not exists hibernate_sequence;

select pg_temp.plain_table('mrn', $$
    mrn_id           bigint       primary key,
    mrn              varchar(255) unique,
    nhs_number       varchar(255),
    research_opt_out boolean      not null default false,
    source_system    varchar(255),
    stored_from      timestamptz  not null,
    check (mrn is not null or nhs_number is not null)
$$);
select pg_temp.ensure_index('mrn_index', 'mrn', 'mrn');
select pg_temp.ensure_index('nhs_number', 'mrn', 'nhs_number');
select pg_temp.ensure_natural_key('mrn_nhs_number_only_key', 'mrn', 'nhs_number', 'mrn is null');
comment on table mrn is
    'One patient identifier the hospital has used: a hospital number, an NHS number, or both. A person '
    'may own several; `mrn_to_live` tells which one counts.';
comment on column mrn.mrn is
    'Hospital number as sent (HL7 PID-3, first repetition). Null while only the NHS number is known.';
comment on column mrn.nhs_number is
    'NHS number as sent (HL7 PID-3, second repetition), not checked. Several hospital numbers may share '
    'one.';
comment on column mrn.research_opt_out is
    'True when the patient has withdrawn from research use of their data; research queries must leave '
    'these patients out.';
comment on column mrn.source_system is 'System whose message first mentioned this identifier.';
comment on column mrn.stored_from is
    'When the star database first stored this identifier. Identifiers have no event time.';

select pg_temp.audited_table('mrn_to_live', $$
    mrn_to_live_id bigint       primary key,
    stored_from    timestamptz  not null,
    valid_from     timestamptz  not null,
    live_mrn_id    bigint       not null references mrn,
    mrn_id         bigint       not null references mrn
$$, twin_key => 'null');
select pg_temp.ensure_index('mtl_mrn_id', 'mrn_to_live', 'mrn_id');
select pg_temp.ensure_index('live_mrn_id', 'mrn_to_live', 'live_mrn_id');
select pg_temp.ensure_natural_key('mrn_to_live_natural_key', 'mrn_to_live', 'mrn_id');
comment on table mrn_to_live is
    'Leads from every identifier to the one now in force for the same patient. An identifier that was '
    'never merged leads to itself.';
comment on column mrn_to_live.live_mrn_id is 'The identifier in force.';
comment on column mrn_to_live.mrn_id is 'The identifier that is looked up; it may have been merged away.';

select pg_temp.audited_table('hospital_visit', $$
    hospital_visit_id     bigint       primary key,
    stored_from           timestamptz  not null,
    valid_from            timestamptz  not null,
    admission_datetime    timestamptz,
    arrival_method        varchar(255),
    discharge_datetime    timestamptz,
    discharge_destination varchar(255),
    discharge_disposition varchar(255),
    encounter             varchar(255) not null unique,
    patient_class         varchar(255),
    presentation_datetime timestamptz,
    source_system         varchar(255) not null,
    mrn_id                bigint       not null references mrn
$$, twin_key => 'null');
select pg_temp.ensure_index('encounterindex', 'hospital_visit', 'encounter');
select pg_temp.ensure_index('hospital_visit_mrn_id', 'hospital_visit', 'mrn_id', any_name => true);
comment on table hospital_visit is
    'A patient''s stay or attendance under one visit number: in-patient, emergency, day case or '
    'out-patient. Other data may create it before any admission message does.';
comment on column hospital_visit.admission_datetime is
    'Formal admission (HL7 PV1-44 of admissions and transfers).';
comment on column hospital_visit.arrival_method is
    'How the patient came to the hospital, in the sender''s words (HL7 PV2-38).';
comment on column hospital_visit.discharge_datetime is
    'Formal discharge (HL7 PV1-45); null while the visit is open.';
comment on column hospital_visit.discharge_destination is
    'Where the patient went, code or text of the sender (HL7 PV1-37).';
comment on column hospital_visit.discharge_disposition is
    'In what way the patient left, code or text of the sender (HL7 PV1-36).';
comment on column hospital_visit.encounter is 'Visit number (HL7 PV1-19), also called CSN; unique.';
comment on column hospital_visit.patient_class is
    'Kind of visit (HL7 PV1-2): `INPATIENT`, `OUTPATIENT`, `EMERGENCY`, `DAY_CASE`, `PRE_ADMIT`, '
    '`NEW_BORN`, `SURGICAL_ADMISSION` or `NOT_APPLICABLE`. Null until a patient message gives it.';
comment on column hospital_visit.presentation_datetime is
    'First registration at the hospital (HL7 PV1-44 of registrations); may be before the admission.';
comment on column hospital_visit.source_system is 'System that last supplied data of the visit itself.';
comment on column hospital_visit.mrn_id is
    'Identifier the visit was filed under. It may have been merged since: reach the patient through '
    '`mrn_to_live`.';

select pg_temp.audited_table('core_demographic', $$
    core_demographic_id bigint       primary key,
    stored_from         timestamptz  not null,
    valid_from          timestamptz  not null,
    alive               boolean,
    date_of_birth       date,
    date_of_death       date,
    datetime_of_birth   timestamptz,
    datetime_of_death   timestamptz,
    ethnicity           varchar(255),
    firstname           varchar(255),
    home_postcode       varchar(255),
    lastname            varchar(255),
    middlename          varchar(255),
    sex                 varchar(255),
    mrn_id              bigint       not null references mrn
$$);
select pg_temp.ensure_index('cd_mrn_id', 'core_demographic', 'mrn_id');
select pg_temp.ensure_natural_key('core_demographic_natural_key', 'core_demographic', 'mrn_id');
comment on table core_demographic is
    'Who the patient is: at most one row per identifier, and none until a patient message arrives.';
comment on column core_demographic.alive is
    'False once the sender reports the patient as dead (HL7 PID-30); null if never stated.';
comment on column core_demographic.date_of_birth is 'Date of birth (HL7 PID-7).';
comment on column core_demographic.date_of_death is 'Local calendar date of `datetime_of_death`.';
comment on column core_demographic.datetime_of_birth is
    'Instant of birth, where the sender gives a time (HL7 PID-7).';
comment on column core_demographic.datetime_of_death is 'Instant of death (HL7 PID-29).';
comment on column core_demographic.ethnicity is
    'Ethnic group as text (HL7 PID-22, code replaced by its name).';
comment on column core_demographic.firstname is 'Given name (HL7 PID-5.2).';
comment on column core_demographic.home_postcode is 'Postcode of the home address (HL7 PID-11.5).';
comment on column core_demographic.lastname is 'Family name (HL7 PID-5.1).';
comment on column core_demographic.middlename is 'Middle names (HL7 PID-5.3).';
comment on column core_demographic.sex is 'Administrative sex, code of the sender (HL7 PID-8).';
comment on column core_demographic.mrn_id is
    'Identifier the data came with. After a merge every identifier keeps its own row; use the live one.';

select pg_temp.describe_common_columns();
