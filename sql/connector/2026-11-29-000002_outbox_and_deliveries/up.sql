-- Actions that are to be published, in order of receipt. A row goes when the broker has confirmed it.
create table connector_outbox (
    id             bigint generated always as identity primary key,
    message_uuid   varchar(36) not null,
    correlation_id text        not null,
    body           text        not null,
    created        timestamptz not null default now()
);

comment on table connector_outbox is 'Actions to be published, in order of receipt; a row goes when the broker has confirmed it.';

-- Messages that are to be sent out. A row goes when the receiver has answered; one that was given up stays.
create table connector_delivery (
    id               bigint generated always as identity primary key,
    message_uuid     varchar(36) not null unique,
    dst_description  varchar     not null,
    correlation_id   text        not null,
    attempts         integer     not null default 0,
    created          timestamptz not null default now(),
    next_attempt_at  timestamptz not null default now(),
    claimed_until    timestamptz,
    last_error       text,
    given_up_at      timestamptz
);

create index connector_delivery_next on connector_delivery (dst_description, next_attempt_at) where given_up_at is null;

comment on table connector_delivery is 'Messages to be sent out; a row goes when the receiver has answered.';
comment on column connector_delivery.claimed_until is 'Until when an attempt that is under way keeps others away.';
comment on column connector_delivery.given_up_at is 'When an operator decided that it is not sent any more.';
