-- What core keeps for itself: effects and rejects. Where the reader has got is in tables of its own (sql/progress).

select pg_temp.plain_table('etl_per_message_logging', $$
    id                       bigint       primary key,
    error                    boolean,
    message                  text,
    message_datetime         timestamp,
    message_type             varchar(255),
    process_message_duration bigint,
    processing_end_time      timestamp,
    processing_start_time    timestamp,
    source_id                varchar(255),
    stack_trace              text
$$);
select pg_temp.ensure_index(
    'etl_per_message_logging_source_id', 'etl_per_message_logging', 'source_id', any_name => true);
comment on table etl_per_message_logging is
    'What became of one message that was taken from the queue: one row for each delivery.';
comment on column etl_per_message_logging.id is
    'Identifies the row; drawn from `hibernate_sequence`, unique across the whole schema.';
comment on column etl_per_message_logging.error is
    'False when the message was processed or deliberately ignored, else true.';
comment on column etl_per_message_logging.message is 'Why it was not processed; null if it was.';
comment on column etl_per_message_logging.message_datetime is
    'Recorded time of the message, in UTC; patient messages only.';
comment on column etl_per_message_logging.message_type is
    'Full type name of the message, equal to its `@class`.';
comment on column etl_per_message_logging.process_message_duration is
    'Time it took to process, in nanoseconds; null unless processed.';
comment on column etl_per_message_logging.processing_end_time is 'End of processing, in UTC.';
comment on column etl_per_message_logging.processing_start_time is 'Start of processing, in UTC.';
comment on column etl_per_message_logging.source_id is
    'Identifier the source gave to the message, for example its number in the message store.';
comment on column etl_per_message_logging.stack_trace is
    'Technical details of the reason, set together with `message`.';

select pg_temp.plain_table('etl_message_reject', $$
    etl_message_reject_id bigint       primary key,
    source_id             text,
    message_type          text,
    queue                 text         not null,
    reason                text         not null,
    body                  text         not null,
    rejected_at           timestamptz  not null,
    replayed_at           timestamptz
$$);
select pg_temp.ensure_index(
    'etl_message_reject_rejected_at', 'etl_message_reject', 'rejected_at', any_name => true);
comment on table etl_message_reject is
    'A message that could not be processed, kept as it came so that it can be sent again.';
comment on column etl_message_reject.source_id is
    'Identifier the source gave to the message; null if the body could not be read.';
comment on column etl_message_reject.message_type is
    'Full type name of the message; null if the body could not be read.';
comment on column etl_message_reject.queue is 'Queue it was taken from.';
comment on column etl_message_reject.reason is
    'Why it could not be processed; names fields and columns, never their values.';
comment on column etl_message_reject.body is 'The message as it was received.';
comment on column etl_message_reject.rejected_at is 'When it was rejected.';
comment on column etl_message_reject.replayed_at is 'When it was last sent again; null if never.';

select pg_temp.describe_common_columns();
select pg_temp.advance_sequence('hibernate_sequence');
