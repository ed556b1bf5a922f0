-- The message store, for sites where nothing else has created it. An existing table is left as it is.

create table if not exists tbl_ids_master (
    unid              integer primary key,
    patientname       varchar(255),
    patientmiddlename varchar(255),
    patientsurname    varchar(255),
    dateofbirth       timestamp,
    nhsnumber         varchar(255),
    hospitalnumber    varchar(255),
    patientclass      varchar(255),
    patientlocation   varchar(255),
    admissiondate     timestamp,
    dischargedate     timestamp,
    messagetype       varchar(255),
    senderapplication varchar(255),
    messageidentifier varchar(255),
    messageformat     varchar(255),
    messageversion    varchar(255),
    messagedatetime   timestamp,
    hl7message        text,
    persistdatetime   timestamp
);

create index if not exists tbl_ids_master_persistdatetime on tbl_ids_master (persistdatetime);

comment on table tbl_ids_master is 'Every HL7 message of the hospital as it came, in order of arrival.';
comment on column tbl_ids_master.unid is 'Number of the message; rises with arrival, gaps are allowed.';
comment on column tbl_ids_master.messagetype is 'Trigger event, MSH-9.2.';
comment on column tbl_ids_master.messagedatetime is 'Time of the message, MSH-7.';
comment on column tbl_ids_master.hl7message is 'The whole message.';
comment on column tbl_ids_master.persistdatetime is 'When the message was stored; bounds the window that a reader works on.';
