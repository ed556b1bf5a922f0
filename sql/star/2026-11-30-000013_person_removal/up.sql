-- Bodies of rejected messages about a person whose data was removed go as well, though not at once: until then the
-- person's numbers are kept here.

select pg_temp.plain_table('etl_person_removal', $$
    etl_person_removal_id bigint       primary key,
    number                text         not null,
    removed_datetime      timestamptz  not null,
    stored_from           timestamptz  not null
$$);
comment on table etl_person_removal is
    'A number of a person whose data was removed, as long as bodies of rejected messages may still hold it.';
comment on column etl_person_removal.number is
    'A hospital number, an NHS number, or the number of a visit that was removed.';
comment on column etl_person_removal.removed_datetime is
    'Time of the message that removed the data: newer messages are not concerned.';
comment on column etl_person_removal.stored_from is 'When that message was processed.';
comment on column etl_message_reject.body is
    'The message as it was received; empty once the data of its person was removed.';
select pg_temp.describe_common_columns();
