-- What a monitoring system may see of the reader: no reasons. And what is older than it is to be kept is found fast.

select pg_temp.ensure_index('etl_ids_reject_rejected_at', 'etl_ids_reject', 'rejected_at', any_name => true);

create or replace view etl_monitor_reader as
select last_processed_ids_unid, last_processed_message_datetime, last_processing_datetime
from etl_ids_progress
where id = 0;
comment on view etl_monitor_reader is 'How far the HL7 reader has got in the message store, and when it last moved on.';

create or replace view etl_monitor_reader_reject as
select date_trunc('day', rejected_at, 'UTC')            as day,
       message_type,
       trigger_event,
       sender,
       partial,
       count(*)                                         as rejects,
       count(*) filter (where replayed_at is null)      as never_published,
       max(rejected_at)                                 as latest
from etl_ids_reject
group by 1, 2, 3, 4, 5;
comment on view etl_monitor_reader_reject is 'Rows of the message store that the HL7 reader rejected, by day and type.';
