-- What was reported of departments: their periods follow from it, whatever the order of the reports.

select pg_temp.plain_table('department_event', $$
    department_event_id bigint       primary key,
    stored_from         timestamptz  not null,
    contact_datetime    timestamptz,
    event_datetime      timestamptz  not null,
    previous_speciality varchar(255),
    source_id           varchar(255),
    speciality          varchar(255),
    status              varchar(255),
    department_id       bigint       not null references department
$$);
select pg_temp.ensure_natural_key(
    'department_event_fact', 'department_event',
    'department_id, event_datetime, (speciality is null), coalesce(speciality, '''')');
comment on table department_event is
    'A status and a speciality of a department as a message reported them; `department_state` is derived from '
    'these rows.';
comment on column department_event.stored_from is 'When the star database first stored it.';
comment on column department_event.contact_datetime is
    'Date of the record: since then the former speciality was known, the earliest if it was reported repeatedly.';
comment on column department_event.event_datetime is 'Since when the speciality holds.';
comment on column department_event.previous_speciality is 'Speciality before, if the message says so.';
comment on column department_event.source_id is
    'Identifier of the first message that reported it; null if deduced from periods stored earlier.';
comment on column department_event.speciality is 'Clinical speciality.';
comment on column department_event.status is
    'Record status in the source system, for example `Active` or `Deleted and Hidden`.';
comment on column department_event.department_id is 'The department.';
select pg_temp.describe_common_columns();
