-- How far the reader of HL7 messages has got, and what it could not convert. Adopts tables of an older form: adds the
-- columns that they lack, and touches nothing else.

create table if not exists etl_ids_progress (
    id                      integer primary key,
    last_processed_ids_unid integer not null
);
alter table etl_ids_progress
    add column if not exists id                              integer not null default 0 unique,
    add column if not exists last_processed_ids_unid         integer not null default -1,
    add column if not exists last_processed_message_datetime timestamptz,
    add column if not exists last_processing_datetime        timestamptz;
comment on table etl_ids_progress is 'How far the HL7 reader has got in the message store; a single row.';
comment on column etl_ids_progress.id is 'Always 0.';
comment on column etl_ids_progress.last_processed_ids_unid is
    'Number of the last message such that it and all before it were published; -1 before the first.';
comment on column etl_ids_progress.last_processed_message_datetime is 'Time of that message in the store.';
comment on column etl_ids_progress.last_processing_datetime is 'When it was processed.';

create table if not exists etl_ids_reject (
    unid        bigint      primary key,
    reason      text        not null,
    rejected_at timestamptz not null
);
alter table etl_ids_reject
    add column if not exists unid          bigint unique,
    add column if not exists message_type  text,
    add column if not exists trigger_event text,
    add column if not exists sender        text,
    add column if not exists reason        text        not null default '',
    add column if not exists rejected_at   timestamptz not null default now(),
    add column if not exists replayed_at   timestamptz;
comment on table etl_ids_reject is
    'A row of the message store that could not be converted, with the reason.';
comment on column etl_ids_reject.unid is 'Number of the row in the message store.';
comment on column etl_ids_reject.message_type is 'Type of the message (HL7 MSH-9.1); null if it could not be read.';
comment on column etl_ids_reject.trigger_event is 'Trigger event (HL7 MSH-9.2); null if it could not be read.';
comment on column etl_ids_reject.sender is 'Sending application (HL7 MSH-3); null if it could not be read.';
comment on column etl_ids_reject.reason is 'What is wrong with it; names segments and fields, never their values.';
comment on column etl_ids_reject.rejected_at is 'When it was rejected.';
comment on column etl_ids_reject.replayed_at is 'When it was published after all; null if never.';
