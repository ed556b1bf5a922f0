-- Forms made of smart data elements.

select pg_temp.audited_table('form_definition', $$
    form_definition_id    bigint       primary key,
    stored_from           timestamptz  not null,
    valid_from            timestamptz  not null,
    internal_id           varchar(255) not null unique,
    name                  varchar(255),
    patient_friendly_name text
$$, twin_key => 'null');
comment on table form_definition is 'A template for forms made of smart data elements.';
comment on column form_definition.internal_id is 'Identifier of the template in the source system; unique.';
comment on column form_definition.name is 'Name in the source system.';
comment on column form_definition.patient_friendly_name is 'Name shown to patients; mostly null.';

select pg_temp.audited_table('form_question', $$
    form_question_id    bigint       primary key,
    stored_from         timestamptz  not null,
    valid_from          timestamptz  not null,
    concept_abbrev_name varchar(255),
    concept_name        varchar(255),
    description         varchar(255),
    internal_id         varchar(255) not null unique,
    internal_value_type varchar(255)
$$, twin_key => 'null');
comment on table form_question is 'A question that forms may ask.';
comment on column form_question.concept_abbrev_name is 'Short name.';
comment on column form_question.concept_name is 'Name.';
comment on column form_question.description is 'What is asked.';
comment on column form_question.internal_id is 'Identifier of the question in the source system; unique.';
comment on column form_question.internal_value_type is
    'Type of its values according to the source system; no program fills it yet.';

select pg_temp.audited_table('form', $$
    form_id              bigint       primary key,
    stored_from          timestamptz  not null,
    valid_from           timestamptz  not null,
    first_filed_datetime timestamptz,
    internal_id          varchar(255) not null unique,
    note_id              varchar(255),
    form_definition_id   bigint       references form_definition,
    hospital_visit_id    bigint       references hospital_visit,
    mrn_id               bigint       references mrn,
    check (hospital_visit_id is not null or mrn_id is not null)
$$, twin_key => 'null');
select pg_temp.ensure_index('form_hospital_visit_id', 'form', 'hospital_visit_id', any_name => true);
select pg_temp.ensure_index('form_mrn_id', 'form', 'mrn_id', any_name => true);
comment on table form is 'A form filled in for a visit or a patient.';
comment on column form.first_filed_datetime is 'When it was first filed.';
comment on column form.internal_id is
    'Identifier of this filled form, composed by the reader of the source; unique.';
comment on column form.note_id is 'Kept for the note it belongs to; no program fills it yet.';
comment on column form.form_definition_id is 'The template.';
comment on column form.hospital_visit_id is 'The visit.';
comment on column form.mrn_id is 'Kept for forms of a patient without a visit; no program fills it yet.';

select pg_temp.audited_table('form_answer', $$
    form_answer_id    bigint       primary key,
    stored_from       timestamptz  not null,
    valid_from        timestamptz  not null,
    context           varchar(255),
    filed_datetime    timestamptz,
    internal_id       varchar(255) not null unique,
    value_as_boolean  boolean,
    value_as_date     date,
    value_as_datetime timestamptz,
    value_as_number   double precision,
    value_as_text     text,
    form_id           bigint       not null references form,
    form_question_id  bigint       not null references form_question
$$, twin_key => 'null');
select pg_temp.ensure_index('form_answer_form_id', 'form_answer', 'form_id', any_name => true);
comment on table form_answer is 'One answer in a form.';
comment on column form_answer.context is
    'Kept for what the answer belongs to, such as a note; no program fills it yet.';
comment on column form_answer.filed_datetime is 'When the answer was filed or last changed.';
comment on column form_answer.internal_id is
    'Identifier of the answer, composed by the reader of the source; unique.';
comment on column form_answer.value_as_boolean is 'The value if it is yes or no.';
comment on column form_answer.value_as_date is 'The value if it is a date.';
comment on column form_answer.value_as_datetime is 'The value if it is a point in time.';
comment on column form_answer.value_as_number is 'The value if it is a number.';
comment on column form_answer.value_as_text is 'The value as text, whatever its type; lines are joined.';
comment on column form_answer.form_id is 'The form.';
comment on column form_answer.form_question_id is 'The question.';

select pg_temp.describe_common_columns();
