-- Where patients were, and where they were to go.

select pg_temp.plain_table('location_event', $$
    location_event_id    bigint       primary key,
    stored_from          timestamptz  not null,
    event_datetime       timestamptz  not null,
    event_type           varchar(255) not null,
    message_datetime     timestamptz  not null,
    recorded_datetime    timestamptz,
    source_id            varchar(255),
    hospital_visit_id    bigint       not null references hospital_visit,
    location_id          bigint       not null references location,
    previous_location_id bigint       references location
$$);
select pg_temp.ensure_natural_key(
    'location_event_fact', 'location_event',
    'hospital_visit_id, event_type, location_id, coalesce(previous_location_id, 0), event_datetime');
comment on table location_event is
    'A movement, or the cancellation of one, as a message reported it; `location_visit` is derived from '
    'these rows.';
comment on column location_event.stored_from is 'When the star database first stored it.';
comment on column location_event.event_datetime is
    'When it happened in the hospital, or the time of the event that is cancelled.';
comment on column location_event.event_type is
    'What was reported: `MOVE`, `DISCHARGE`, `CANCEL_ADMIT`, `CANCEL_TRANSFER` or `CANCEL_DISCHARGE`.';
comment on column location_event.message_datetime is 'Event time of the message that reported it.';
comment on column location_event.recorded_datetime is
    'When the source system recorded it, the latest if it was reported repeatedly; null if not stated.';
comment on column location_event.source_id is
    'Identifier of the first message that reported it; null if deduced from stays stored earlier.';
comment on column location_event.hospital_visit_id is 'The visit.';
comment on column location_event.location_id is
    'The place the patient came to, left on discharge, or whose event is cancelled.';
comment on column location_event.previous_location_id is
    'The place the patient came from, if the message says so.';

select pg_temp.audited_table('location_visit', $$
    location_visit_id        bigint       primary key,
    stored_from              timestamptz  not null,
    valid_from               timestamptz  not null,
    admission_datetime       timestamptz,
    discharge_datetime       timestamptz,
    inferred_admission       boolean      not null,
    inferred_discharge       boolean      not null,
    parent_location_visit_id bigint,
    hospital_visit_id        bigint       not null references hospital_visit,
    location_id              bigint       not null references location
$$);
select pg_temp.ensure_index('lv_hospital_visit_id', 'location_visit', 'hospital_visit_id');
select pg_temp.ensure_index('lv_location_id', 'location_visit', 'location_id');
select pg_temp.ensure_index('lva_hospital_visit_id', 'location_visit_audit', 'hospital_visit_id');
select pg_temp.ensure_index('lva_location_id', 'location_visit_audit', 'location_id');
comment on table location_visit is 'The time one visit spent at one place. Derived from `location_event`.';
comment on column location_visit.admission_datetime is 'Arrival at the place.';
comment on column location_visit.discharge_datetime is
    'Departure from the place; null while the patient is still there.';
comment on column location_visit.inferred_admission is
    'True when the arrival was deduced from another movement instead of being reported.';
comment on column location_visit.inferred_discharge is
    'True when the departure was deduced from another movement instead of being reported.';
comment on column location_visit.parent_location_visit_id is
    'Kept for a stay inside another stay; no program fills it yet.';
comment on column location_visit.hospital_visit_id is 'The visit.';
comment on column location_visit.location_id is 'The place.';

select pg_temp.audited_table('planned_movement', $$
    planned_movement_id bigint       primary key,
    stored_from         timestamptz  not null,
    valid_from          timestamptz  not null,
    cancelled           boolean,
    cancelled_datetime  timestamptz,
    event_datetime      timestamptz,
    event_type          varchar(255),
    hospital_visit_id   bigint       not null references hospital_visit,
    location_id         bigint       references location
$$, twin_key => 'null');
select pg_temp.ensure_index('pm_location', 'planned_movement', 'location_id');
select pg_temp.ensure_index('pm_hospital_visit', 'planned_movement', 'hospital_visit_id');
select pg_temp.ensure_index('pm_event_type', 'planned_movement', 'event_type');
comment on table planned_movement is
    'An admission, transfer or discharge that was planned, and whether it was called off.';
comment on column planned_movement.cancelled is 'True once the plan was called off.';
comment on column planned_movement.cancelled_datetime is 'When the plan was called off.';
comment on column planned_movement.event_datetime is
    'When the plan was made; null while only its cancellation is known.';
comment on column planned_movement.event_type is 'What was planned: `ADMIT`, `TRANSFER` or `DISCHARGE`.';
comment on column planned_movement.hospital_visit_id is 'The visit.';
comment on column planned_movement.location_id is
    'Where the patient was to go (HL7 PV1-42); null if not stated.';

select pg_temp.describe_common_columns();
