-- The table of messages as the service before this one made it. An existing table is left as it is.

create table if not exists hl7_message (
    uuid                varchar(36) not null,
    created             timestamp   not null,
    created_by_         varchar     not null,
    modified            timestamp   not null,
    modified_by_        varchar     not null,
    content             varchar,
    message_type        varchar,
    is_processed        boolean     not null,
    src_description     varchar,
    dst_description     varchar,
    sent_at_            timestamp,
    message_control_id  varchar,
    ack                 varchar,
    patient_identifiers json,
    constraint hl7_message_pkey primary key (uuid)
);

create unique index if not exists ix_hl7_message_message_control_id on hl7_message (message_control_id);

create table if not exists alembic_version (
    version_num varchar(32) not null,
    constraint alembic_version_pkc primary key (version_num)
);

insert into alembic_version (version_num)
select '750f62cf51e5' where not exists (select from alembic_version);

-- For the search by identifier. The first characters only: an index takes no long texts. Rows of an older service with
-- JSON that cannot be read as text must not stop the daemon; then the search reads the whole table.
do $$
begin
    create index if not exists connector_hl7_message_mrn
        on hl7_message (left(patient_identifiers ->> 'MRN', 100));
    create index if not exists connector_hl7_message_nhs_number
        on hl7_message (left(patient_identifiers ->> 'NHS number', 100));
    create index if not exists connector_hl7_message_visit_id
        on hl7_message (left(patient_identifiers ->> 'Visit ID', 100));
exception when data_exception or insufficient_privilege then
    raise warning 'no indexes for the search by identifier: %', sqlerrm;
end
$$;
