-- Which speciality cares for a patient: of planned movements, of admissions, and where it changes.

select pg_temp.audited_column('planned_movement', 'hospital_service', 'varchar(255)');
select pg_temp.audited_column('planned_movement', 'matched_movement_id', 'bigint');
comment on table planned_movement is
    'A movement that was planned, and whether it was called off; also an admission, or a change of hospital service '
    'at a place, as far as the source names the service.';
comment on column planned_movement.event_type is
    'What was planned: `ADMIT`, `TRANSFER` or `DISCHARGE`. `ADMISSION` is an admission that took place, '
    '`EDIT/HOSPITAL_SERVICE_CHANGE` another service at the same place.';
comment on column planned_movement.event_datetime is
    'When the plan was made, null while only its cancellation is known; of what took place, when it did.';
comment on column planned_movement.location_id is
    'Where the patient was to go (HL7 PV1-42), null if not stated; of what took place, where.';
comment on column planned_movement.hospital_service is
    'Speciality that cares for the patient there (HL7 PV1-10); null if not stated.';
comment on column planned_movement.matched_movement_id is
    'Of what took place: the row of this visit and place before it. No foreign key; that row may be deleted later.';
select pg_temp.describe_common_columns();
