-- Observations of patients, charted in flowsheets.

select pg_temp.audited_table('visit_observation_type', $$
    visit_observation_type_id bigint       primary key,
    stored_from               timestamptz  not null,
    valid_from                timestamptz  not null,
    creation_datetime         timestamptz,
    description               varchar(255),
    display_name              varchar(255),
    has_visit_observation     boolean,
    id_in_application         varchar(255),
    interface_id              varchar(255),
    is_real_time              boolean,
    name                      varchar(255),
    primary_data_type         varchar(255),
    source_observation_type   varchar(255) not null,
    standardised_code         varchar(255),
    standardised_vocabulary   varchar(255)
$$);
select pg_temp.ensure_index('vot_id_in_application', 'visit_observation_type', 'id_in_application');
select pg_temp.ensure_index(
    'visit_observation_type_interface_id', 'visit_observation_type', 'interface_id', any_name => true);
comment on table visit_observation_type is 'A kind of observation: what one row of a flowsheet stands for.';
comment on column visit_observation_type.creation_datetime is
    'When the kind was set up in the source system.';
comment on column visit_observation_type.description is 'What it is about.';
comment on column visit_observation_type.display_name is 'Name that clinicians see.';
comment on column visit_observation_type.has_visit_observation is
    'True once a value of this kind has been stored.';
comment on column visit_observation_type.id_in_application is
    'Identifier in the source system''s own database; null if known from HL7 only.';
comment on column visit_observation_type.interface_id is
    'Identifier in HL7 messages (HL7 OBX-3); null if known from the warehouse only.';
comment on column visit_observation_type.is_real_time is
    'True once a value has come through the live HL7 feed.';
comment on column visit_observation_type.name is 'Name in the source system.';
comment on column visit_observation_type.primary_data_type is
    'Type of its values according to the source system.';
comment on column visit_observation_type.source_observation_type is
    'Family of observations the identifiers belong to, for example `flowsheet`.';
comment on column visit_observation_type.standardised_code is
    'Kept for a code of a standard vocabulary; no program fills it yet.';
comment on column visit_observation_type.standardised_vocabulary is
    'Kept for the name of that vocabulary; no program fills it yet.';

select pg_temp.audited_table('visit_observation', $$
    visit_observation_id      bigint       primary key,
    stored_from               timestamptz  not null,
    valid_from                timestamptz  not null,
    comment                   text,
    observation_datetime      timestamptz  not null,
    source_system             varchar(255) not null,
    unit                      varchar(255),
    value_as_date             date,
    value_as_real             double precision,
    value_as_text             text,
    hospital_visit_id         bigint       not null references hospital_visit,
    visit_observation_type_id bigint       not null references visit_observation_type
$$);
select pg_temp.ensure_index('vo_hospital_visit_id', 'visit_observation', 'hospital_visit_id');
select pg_temp.ensure_index('vo_visit_observation_type', 'visit_observation', 'visit_observation_type_id');
select pg_temp.ensure_index('vo_observation_datetime', 'visit_observation', 'observation_datetime');
comment on table visit_observation is 'One observed value: of one kind, at one time, during one visit.';
comment on column visit_observation.comment is 'Comment of the clinician.';
comment on column visit_observation.observation_datetime is 'When the patient was observed.';
comment on column visit_observation.source_system is 'System the value came from.';
comment on column visit_observation.unit is
    'Unit of `value_as_real` in the sender''s spelling, never converted; null if none.';
comment on column visit_observation.value_as_date is 'The value if it is a date.';
comment on column visit_observation.value_as_real is 'The value if it is a number, in `unit`.';
comment on column visit_observation.value_as_text is 'The value if it is text.';
comment on column visit_observation.hospital_visit_id is 'The visit.';
comment on column visit_observation.visit_observation_type_id is 'What was observed.';

select pg_temp.describe_common_columns();
