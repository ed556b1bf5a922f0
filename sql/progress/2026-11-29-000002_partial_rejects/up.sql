-- A message may have items that cannot be converted while the rest of it is published.

alter table etl_ids_reject
    add column if not exists partial boolean not null default false;
comment on table etl_ids_reject is
    'A row of the message store that could not be converted, in full or in part, with the reason.';
comment on column etl_ids_reject.partial is
    'Only items of the message could not be converted: the reason says which; the rest is published.';
