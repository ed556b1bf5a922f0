-- A row of the message store may be committed after rows with higher numbers. Which numbers were passed before they
-- were there, so that they are looked for again.

create table if not exists etl_ids_gap (
    first_unid bigint      primary key,
    last_unid  bigint      not null,
    passed_at  timestamptz not null
);
comment on table etl_ids_gap is
    'Numbers that were not in the message store when the HL7 reader passed them; it looks for them again for a day.';
comment on column etl_ids_gap.first_unid is 'First number of the gap.';
comment on column etl_ids_gap.last_unid is 'Last number of the gap.';
comment on column etl_ids_gap.passed_at is 'When the reader went on without them.';
