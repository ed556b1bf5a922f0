-- A schema as an object-relational mapper leaves it: constraint names made of hashes, the state of an older
-- release, and rows that break rules which nobody enforced.

create sequence hibernate_sequence start 1 increment 1;

create table mrn (
    mrn_id int8 not null,
    mrn varchar(255),
    nhs_number varchar(255),
    source_system varchar(255),
    stored_from timestamp with time zone not null,
    primary key (mrn_id)
);
alter table mrn add constraint uk_4tfoq0xr1v2 unique (mrn);
create index mrn_index on mrn (mrn);

create table mrn_to_live (
    mrn_to_live_id int8 not null,
    stored_from timestamp with time zone not null,
    valid_from timestamp with time zone not null,
    live_mrn_id int8 not null,
    mrn_id int8 not null,
    primary key (mrn_to_live_id)
);
alter table mrn_to_live add constraint fk1a2b3c foreign key (live_mrn_id) references mrn;
alter table mrn_to_live add constraint fk4d5e6f foreign key (mrn_id) references mrn;

-- No source_system yet, which is mandatory now; the encounter was not unique.
create table hospital_visit (
    hospital_visit_id int8 not null,
    stored_from timestamp with time zone not null,
    valid_from timestamp with time zone not null,
    admission_datetime timestamp with time zone,
    encounter varchar(255) not null,
    patient_class varchar(255),
    mrn_id int8 not null,
    primary key (hospital_visit_id)
);
alter table hospital_visit add constraint fk7g8h9i foreign key (mrn_id) references mrn;

create table department (
    department_id int8 not null,
    hl7string varchar(255) not null,
    name varchar(120),
    speciality varchar(255) not null,
    primary key (department_id)
);

create table location (
    location_id int8 not null,
    location_string varchar(255) not null,
    primary key (location_id)
);

-- The link to the visit was never enforced, and the place was optional.
create table location_visit (
    location_visit_id int8 not null,
    stored_from timestamp with time zone not null,
    valid_from timestamp with time zone not null,
    admission_datetime timestamp with time zone,
    discharge_datetime timestamp with time zone,
    inferred_admission boolean not null,
    inferred_discharge boolean not null,
    parent_location_visit_id int8,
    hospital_visit_id int8 not null,
    location_id int8,
    primary key (location_visit_id)
);
alter table location_visit add constraint fkj1k2l3 foreign key (location_id) references location;
create index lv_location_id on location_visit (location_id);

create table location_visit_audit (
    location_visit_audit_id int8 not null,
    stored_from timestamp with time zone not null,
    valid_from timestamp with time zone not null,
    stored_until timestamp with time zone,
    valid_until timestamp with time zone,
    admission_datetime timestamp with time zone,
    discharge_datetime timestamp with time zone,
    hospital_visit_id int8 not null,
    location_visit_id int8 not null,
    location_id int8 not null,
    primary key (location_visit_audit_id)
);

create table etl_per_message_logging (
    id int8 not null,
    error boolean,
    message text,
    message_datetime timestamp,
    message_type varchar(255),
    process_message_duration int8,
    processing_end_time timestamp,
    processing_start_time timestamp,
    source_id varchar(255),
    stack_trace text,
    primary key (id)
);
create index idxm4n5o6p7 on etl_per_message_logging (source_id);

-- Not ours, must stay as it is.
create table ward_notes (ward text, note text);

insert into mrn values
    (1, 'K100', '9000001', 'EPIC', '2031-01-01 08:00Z'),
    (2, 'K101', null, 'WinPath', '2031-01-01 08:01Z'),
    (3, null, '9000003', 'clarity', '2031-01-01 08:02Z');
insert into mrn_to_live values
    (4, '2031-01-01 08:00Z', '2031-01-01 07:59Z', 1, 1),
    (5, '2031-01-01 08:01Z', '2031-01-01 08:00Z', 1, 2),
    (6, '2031-01-02 08:01Z', '2031-01-02 08:00Z', 2, 2);
insert into hospital_visit values
    (7, '2031-01-01 08:00Z', '2031-01-01 07:59Z', '2031-01-01 07:30Z', 'E500', 'INPATIENT', 1),
    (8, '2031-01-01 08:01Z', '2031-01-01 08:00Z', null, 'E500', null, 2);
insert into department values (9, 'EAST1', 'East ward', 'Renal');
insert into location values (10, 'EAST1^BAY 1^BED 1'), (11, 'EAST1^BAY 1^BED 2'), (12, 'EAST1^BAY 1^BED 1');
insert into location_visit values
    (13, '2031-01-01 08:00Z', '2031-01-01 07:59Z', '2031-01-01 07:30Z', null, false, false, null, 7, 10),
    (14, '2031-01-01 08:00Z', '2031-01-01 07:59Z', '2031-01-01 07:30Z', null, false, false, null, 77, 11);
insert into location_visit_audit values
    (901, '2031-01-01 08:00Z', '2031-01-01 07:59Z', '2031-01-01 09:00Z', '2031-01-01 08:59Z',
     '2031-01-01 07:00Z', null, 7, 13, 10);
insert into etl_per_message_logging (id, error, source_id) values (15, false, '4711');
insert into ward_notes values ('EAST1', 'side room 3 is closed');

-- It was loaded from a backup without the sequence.
select setval('hibernate_sequence', 15);
