-- Consultations, advance decisions, and the questions asked with them and with laboratory orders.

select pg_temp.audited_table('consultation_type', $$
    consultation_type_id bigint       primary key,
    stored_from          timestamptz  not null,
    valid_from           timestamptz  not null,
    code                 varchar(255) not null unique,
    name                 varchar(255)
$$);
comment on table consultation_type is 'A kind of consultation that can be requested.';
comment on column consultation_type.code is 'Code in the source system; unique.';
comment on column consultation_type.name is 'Name for people; null until its description arrives.';

select pg_temp.audited_table('consultation_request', $$
    consultation_request_id bigint       primary key,
    stored_from             timestamptz  not null,
    valid_from              timestamptz  not null,
    cancelled               boolean,
    closed_due_to_discharge boolean,
    comments                text,
    internal_id             bigint       not null,
    scheduled_datetime      timestamptz,
    status_change_datetime  timestamptz,
    consultation_type_id    bigint       not null references consultation_type,
    hospital_visit_id       bigint       not null references hospital_visit
$$);
select pg_temp.ensure_index(
    'consultation_request_hospital_visit_id', 'consultation_request', 'hospital_visit_id', any_name => true);
select pg_temp.ensure_natural_key('consultation_request_natural_key', 'consultation_request', 'internal_id');
comment on table consultation_request is 'A request that a specialist sees the patient.';
comment on column consultation_request.cancelled is 'True when a user called it off.';
comment on column consultation_request.closed_due_to_discharge is
    'True when it was closed because the patient left.';
comment on column consultation_request.comments is 'Notes that answer no particular question.';
comment on column consultation_request.internal_id is 'Number of the request in the source system.';
comment on column consultation_request.scheduled_datetime is 'When the consultation is to take place.';
comment on column consultation_request.status_change_datetime is 'When its status last changed.';
comment on column consultation_request.consultation_type_id is 'The kind of consultation.';
comment on column consultation_request.hospital_visit_id is 'The visit.';

select pg_temp.plain_table('advance_decision_type', $$
    advance_decision_type_id bigint       primary key,
    care_code                varchar(255) not null unique,
    name                     varchar(255) not null
$$);
comment on table advance_decision_type is 'A kind of advance decision, for example one about resuscitation.';
comment on column advance_decision_type.care_code is 'Code in the source system; unique.';
comment on column advance_decision_type.name is 'Name for people.';

select pg_temp.audited_table('advance_decision', $$
    advance_decision_id      bigint       primary key,
    stored_from              timestamptz  not null,
    valid_from               timestamptz  not null,
    cancelled                boolean,
    closed_due_to_discharge  boolean,
    internal_id              bigint       not null unique,
    requested_datetime       timestamptz,
    status_change_datetime   timestamptz,
    advance_decision_type_id bigint       not null references advance_decision_type,
    hospital_visit_id        bigint       not null references hospital_visit
$$);
select pg_temp.ensure_index(
    'advance_decision_hospital_visit_id', 'advance_decision', 'hospital_visit_id', any_name => true);
comment on table advance_decision is 'An advance decision recorded during a visit.';
comment on column advance_decision.cancelled is 'True when a user called it off.';
comment on column advance_decision.closed_due_to_discharge is
    'True when it was closed because the patient left.';
comment on column advance_decision.internal_id is 'Number of the decision in the source system; unique.';
comment on column advance_decision.requested_datetime is 'When it was first recorded.';
comment on column advance_decision.status_change_datetime is 'When its status last changed.';
comment on column advance_decision.advance_decision_type_id is 'The kind of decision.';
comment on column advance_decision.hospital_visit_id is 'The visit.';

select pg_temp.plain_table('question', $$
    question_id bigint       primary key,
    question    text         not null,
    stored_from timestamptz  not null,
    valid_from  timestamptz  not null
$$);
select pg_temp.ensure_natural_key('question_natural_key', 'question', 'md5(question)');
comment on table question is
    'A question that laboratory orders, consultation requests or advance decisions ask.';
comment on column question.question is 'Text of the question.';
comment on column question.stored_from is 'When the star database first stored the question.';
comment on column question.valid_from is 'Event time of the first message that asked it.';

select pg_temp.audited_table('request_answer', $$
    request_answer_id bigint       primary key,
    stored_from       timestamptz  not null,
    valid_from        timestamptz  not null,
    answer            text,
    parent_id         bigint       not null,
    parent_table      varchar(255) not null,
    question_id       bigint       not null references question
$$);
select pg_temp.ensure_index('idxparentid', 'request_answer', 'parent_id');
select pg_temp.ensure_natural_key(
    'request_answer_natural_key', 'request_answer',
    'question_id, parent_id, parent_table');
comment on table request_answer is 'The answer to a question, given with one order, request or decision.';
comment on column request_answer.answer is 'Text of the answer; may be empty.';
comment on column request_answer.parent_id is
    'Key of the row it was given with, in the table that `parent_table` names.';
comment on column request_answer.parent_table is
    'What it was given with: `LAB_SAMPLE`, `CONSULT_REQUEST` (`consultation_request`) or '
    '`ADVANCE_DECISION`.';
comment on column request_answer.question_id is 'The question.';

select pg_temp.describe_common_columns();
