-- What happened in the last hour, and what is older than it is to be kept, is found without reading the whole log.

select pg_temp.ensure_index(
    'etl_per_message_logging_processing_end_time', 'etl_per_message_logging', 'processing_end_time',
    any_name => true);
