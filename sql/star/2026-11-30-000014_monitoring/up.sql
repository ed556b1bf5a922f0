-- What a monitoring system may see: counts and times, no numbers of patients, no reasons, no bodies.

create or replace view etl_monitor_message as
select date_trunc('hour', processing_end_time)          as hour,
       regexp_replace(message_type, '.*\.', '')         as message_type,
       case
           when stack_trace is null then 'success'
           when stack_trace in ('ignored', 'cancelled', 'required_data_missing', 'incompatible_state') then stack_trace
           else 'error'
       end                                              as outcome,
       count(*)                                         as messages,
       max(processing_end_time)                         as latest,
       avg(process_message_duration) / 1e6              as mean_milliseconds
from etl_per_message_logging
where processing_end_time > (now() at time zone 'UTC') - interval '24 hours'
group by 1, 2, 3;
comment on view etl_monitor_message is
    'Messages of the last 24 hours by hour (UTC), type and outcome; `latest` is when the last one was done.';

create or replace view etl_monitor_reject as
select date_trunc('day', rejected_at, 'UTC')            as day,
       regexp_replace(message_type, '.*\.', '')         as message_type,
       queue,
       count(*)                                         as rejects,
       count(*) filter (where replayed_at is null)      as never_sent_again,
       max(rejected_at)                                 as latest
from etl_message_reject
group by 1, 2, 3;
comment on view etl_monitor_reject is 'Messages that core rejected, by day, type and queue.';

create or replace view etl_monitor_removal as
select count(*) as numbers, min(stored_from) as oldest
from etl_person_removal;
comment on view etl_monitor_removal is
    'Numbers of removed persons that are still to be looked for in the bodies of rejects, and since when the oldest waits.';

-- The schema is named here, as whoever asks may have another search path.
do $view$
begin
    execute format(
        $$create or replace view etl_monitor_table as
          select c.relname::text as name, greatest(c.reltuples, 0)::bigint as about_rows,
                 pg_table_size(c.oid) as table_bytes, pg_indexes_size(c.oid) as index_bytes
          from pg_class c
          where c.relnamespace = %L::regnamespace and c.relkind in ('r', 'p')$$,
        quote_ident(current_schema()));
end
$view$;
comment on view etl_monitor_table is
    'Size of every table of the schema; `about_rows` is from the last analysis, by which the planner goes.';

select pg_temp.set_rights(view)
from unnest(array['etl_monitor_message', 'etl_monitor_reject', 'etl_monitor_removal', 'etl_monitor_table']::regclass[])
    as view;
