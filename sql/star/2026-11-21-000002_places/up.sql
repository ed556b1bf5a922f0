-- Places: departments, rooms, beds, and the location strings of HL7 that name them.

select pg_temp.plain_table('department', $$
    department_id bigint       primary key,
    hl7string     varchar(255),
    internal_id   bigint       not null,
    name          varchar(255)
$$);
select pg_temp.ensure_natural_key('department_natural_key', 'department', 'internal_id');
comment on table department is 'A ward, clinic or other department.';
comment on column department.hl7string is
    'Code of the department in the first part of location strings; null until its description arrives.';
comment on column department.internal_id is 'Number of the department in the source system; unique.';
comment on column department.name is 'Name for people; null until its description arrives.';

select pg_temp.state_table('department_state', $$
    department_state_id bigint       primary key,
    stored_from         timestamptz  not null,
    valid_from          timestamptz  not null,
    stored_until        timestamptz,
    valid_until         timestamptz,
    speciality          varchar(255),
    status              varchar(255),
    department_id       bigint       not null references department
$$);
select pg_temp.ensure_index(
    'department_state_department_id', 'department_state', 'department_id', any_name => true);
comment on table department_state is
    'A period in which the status and the speciality of a department stayed the same.';
comment on column department_state.speciality is 'Clinical speciality in this period.';
comment on column department_state.status is
    'Record status in the source system, for example `Active` or `Deleted and Hidden`.';
comment on column department_state.department_id is 'The department.';

select pg_temp.plain_table('room', $$
    room_id       bigint       primary key,
    hl7string     varchar(255) not null,
    name          varchar(255),
    department_id bigint       not null references department
$$);
select pg_temp.ensure_natural_key('room_natural_key', 'room', 'department_id, hl7string');
comment on table room is 'A room or bay of a department.';
comment on column room.hl7string is 'Code of the room in the second part of location strings.';
comment on column room.name is 'Name for people.';
comment on column room.department_id is 'The department the room belongs to.';

select pg_temp.state_table('room_state', $$
    room_state_id bigint       primary key,
    stored_from   timestamptz  not null,
    valid_from    timestamptz  not null,
    stored_until  timestamptz,
    valid_until   timestamptz,
    csn           bigint       not null unique,
    is_ready      boolean,
    status        varchar(255),
    room_id       bigint       not null references room
$$);
select pg_temp.ensure_index('room_state_room_id', 'room_state', 'room_id', any_name => true);
comment on table room_state is 'A period in which the status of a room stayed the same.';
comment on column room_state.csn is 'Contact number of this state in the source system; unique.';
comment on column room_state.is_ready is 'Whether the room can be used.';
comment on column room_state.status is
    'Record status in the source system, for example `Active` or `Hidden`.';
comment on column room_state.room_id is 'The room.';

select pg_temp.plain_table('bed', $$
    bed_id    bigint       primary key,
    hl7string varchar(255) not null,
    room_id   bigint       not null references room
$$);
select pg_temp.ensure_natural_key('bed_natural_key', 'bed', 'room_id, hl7string');
comment on table bed is 'A bed of a room.';
comment on column bed.hl7string is 'Code of the bed in the third part of location strings.';
comment on column bed.room_id is 'The room the bed stands in.';

select pg_temp.state_table('bed_state', $$
    bed_state_id   bigint       primary key,
    stored_from    timestamptz  not null,
    valid_from     timestamptz  not null,
    stored_until   timestamptz,
    valid_until    timestamptz,
    csn            bigint       not null unique,
    is_bunk        boolean,
    is_in_census   boolean,
    pool_bed_count bigint,
    status         varchar(255),
    bed_id         bigint       not null references bed
$$);
select pg_temp.ensure_index('bed_state_bed_id', 'bed_state', 'bed_id', any_name => true);
comment on table bed_state is 'A period in which the status of a bed stayed the same.';
comment on column bed_state.csn is
    'Contact number of this state in the source system, for pool beds that of the first one met; unique.';
comment on column bed_state.is_bunk is 'True for a second bed record that doubles up an occupied bed.';
comment on column bed_state.is_in_census is
    'True when a patient in this bed counts as staying there; false for places passed through, such as '
    'imaging.';
comment on column bed_state.pool_bed_count is
    'Number of beds in the pool for shared waiting places; null for ordinary beds.';
comment on column bed_state.status is 'Record status in the source system, for example `Active` or `Hidden`.';
comment on column bed_state.bed_id is 'The bed.';

select pg_temp.plain_table('bed_facility', $$
    bed_facility_id bigint       primary key,
    type            varchar(255) not null,
    bed_state_id    bigint       not null references bed_state
$$);
select pg_temp.ensure_natural_key('bed_facility_natural_key', 'bed_facility', 'bed_state_id, type');
comment on table bed_facility is 'Something a bed offers during one of its states.';
comment on column bed_facility.type is 'Name of the facility as sent, for example oxygen.';
comment on column bed_facility.bed_state_id is 'The state of the bed.';

select pg_temp.plain_table('location', $$
    location_id     bigint       primary key,
    location_string varchar(255) not null,
    bed_id          bigint       references bed,
    department_id   bigint       references department,
    room_id         bigint       references room
$$);
select pg_temp.ensure_natural_key('location_natural_key', 'location', 'location_string');
comment on table location is
    'A place as HL7 names it, for example `EAST1^BAY 4^BED 2`, linked to department, room and bed once '
    'these are known.';
comment on column location.location_string is
    'Department, room and bed joined with `^`, with the word `null` for a missing part; unique.';
comment on column location.bed_id is 'The bed; null if the string names none or it is not yet known.';
comment on column location.department_id is 'The department; null until it is known.';
comment on column location.room_id is 'The room; null if the string names none or it is not yet known.';

select pg_temp.describe_common_columns();
