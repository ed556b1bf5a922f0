-- How urgent an admission is.

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
    mrn_id                bigint       not null references mrn,
    admission_type        varchar(255)
$$, twin_key => 'null');
comment on column hospital_visit.admission_type is 'How urgent the admission is (HL7 PV1-4); null if not stated.';
select pg_temp.describe_common_columns();
