-- What was reported of hospital services: rows of planned_movement follow from it, whatever the order of the reports.

select pg_temp.plain_table('hospital_service_event', $$
    hospital_service_event_id bigint       primary key,
    stored_from               timestamptz  not null,
    encounter                 varchar(255) not null,
    event_datetime            timestamptz  not null,
    event_type                varchar(255) not null,
    hospital_service          varchar(255),
    location_string           varchar(255),
    recorded_datetime         timestamptz,
    source_id                 varchar(255)
$$);
select pg_temp.ensure_natural_key(
    'hospital_service_event_fact', 'hospital_service_event',
    'encounter, event_type, (location_string is null), coalesce(location_string, ''''), event_datetime');
comment on table hospital_service_event is
    'A hospital service at an admission or an update, or the cancellation of an admission, as a message reported it; '
    'rows of `planned_movement` are derived from these rows.';
comment on column hospital_service_event.stored_from is 'When the star database first stored it.';
comment on column hospital_service_event.encounter is
    'Number of the visit, which need not be known yet.';
comment on column hospital_service_event.event_datetime is
    'Since when the service holds, or the time for which the admission was cancelled.';
comment on column hospital_service_event.event_type is
    'What was reported: `ADMISSION`, `UPDATE` or `CANCEL_ADMISSION`.';
comment on column hospital_service_event.hospital_service is
    'Speciality that cares for the patient; null if the message deletes it, and of cancellations.';
comment on column hospital_service_event.location_string is
    'The place, as `department^room^bed`; null if not stated.';
comment on column hospital_service_event.recorded_datetime is
    'When the source system recorded it, the latest if it was reported repeatedly; null if not stated.';
comment on column hospital_service_event.source_id is 'Identifier of the first message that reported it.';
select pg_temp.describe_common_columns();
