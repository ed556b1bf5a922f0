-- The effect log gives a time for more kinds of messages.

comment on column etl_per_message_logging.message_datetime is
    'When what the message says was recorded or last changed, in UTC; null of descriptions of kinds and places, requests '
    'for consults, forms, opt-outs and values of devices.';
