-- Laboratory: what can be tested, samples, orders and results.

select pg_temp.audited_table('lab_battery', $$
    lab_battery_id bigint       primary key,
    stored_from    timestamptz  not null,
    valid_from     timestamptz  not null,
    battery_code   varchar(255),
    battery_name   varchar(255),
    lab_provider   varchar(255) not null
$$);
select pg_temp.ensure_natural_key('lab_battery_natural_key', 'lab_battery', 'battery_code, lab_provider');
comment on table lab_battery is 'A set of laboratory tests that can be requested together from one provider.';
comment on column lab_battery.battery_code is 'Code of the battery at its provider.';
comment on column lab_battery.battery_name is 'Name for people; null until its description arrives.';
comment on column lab_battery.lab_provider is 'Coding system that defines the code, for example `WIN_PATH`.';

select pg_temp.audited_table('lab_test_definition', $$
    lab_test_definition_id  bigint       primary key,
    stored_from             timestamptz  not null,
    valid_from              timestamptz  not null,
    lab_department          varchar(255),
    lab_provider            varchar(255) not null,
    name                    varchar(255),
    standardised_vocabulary varchar(255),
    test_lab_code           varchar(255) not null,
    test_standard_code      varchar(255)
$$);
select pg_temp.ensure_natural_key(
    'lab_test_definition_natural_key', 'lab_test_definition',
    'lab_provider, test_lab_code');
comment on table lab_test_definition is
    'A laboratory test as one provider defines it; each provider of the same analyte has its own row.';
comment on column lab_test_definition.lab_department is
    'Section of the laboratory that does the test, code of the sender.';
comment on column lab_test_definition.lab_provider is
    'Coding system that defines the code, for example `WIN_PATH`.';
comment on column lab_test_definition.name is 'Name for people; null until its description arrives.';
comment on column lab_test_definition.standardised_vocabulary is
    'Kept for the name of a standard vocabulary; no program fills it yet.';
comment on column lab_test_definition.test_lab_code is 'Code of the test at its provider.';
comment on column lab_test_definition.test_standard_code is
    'Kept for the code in that vocabulary; no program fills it yet.';

select pg_temp.audited_table('lab_battery_element', $$
    lab_battery_element_id bigint       primary key,
    stored_from            timestamptz  not null,
    valid_from             timestamptz  not null,
    lab_battery_id         bigint       not null references lab_battery,
    lab_test_definition_id bigint       not null references lab_test_definition
$$);
select pg_temp.ensure_natural_key(
    'lab_battery_element_natural_key', 'lab_battery_element',
    'lab_battery_id, lab_test_definition_id');
comment on table lab_battery_element is 'A test has been seen among the results of a battery.';
comment on column lab_battery_element.lab_battery_id is 'The battery.';
comment on column lab_battery_element.lab_test_definition_id is 'The test.';

select pg_temp.audited_table('lab_sample', $$
    lab_sample_id              bigint       primary key,
    stored_from                timestamptz  not null,
    valid_from                 timestamptz  not null,
    collection_method          text,
    external_lab_number        varchar(255),
    receipt_at_lab_datetime    timestamptz,
    sample_collection_datetime timestamptz,
    sample_site                varchar(255),
    specimen_type              varchar(255),
    mrn_id                     bigint       not null references mrn
$$);
select pg_temp.ensure_index('lo_mrn_id', 'lab_sample', 'mrn_id');
select pg_temp.ensure_natural_key('lab_sample_natural_key', 'lab_sample', 'mrn_id, external_lab_number');
comment on table lab_sample is 'A specimen taken from a patient.';
comment on column lab_sample.collection_method is
    'How it was taken; several methods are separated by commas.';
comment on column lab_sample.external_lab_number is 'Number the laboratory gave to the specimen.';
comment on column lab_sample.receipt_at_lab_datetime is 'When the laboratory received it.';
comment on column lab_sample.sample_collection_datetime is 'When it was taken from the patient.';
comment on column lab_sample.sample_site is 'Site of the body it was taken from.';
comment on column lab_sample.specimen_type is 'Kind of specimen, code or text of the sender.';
comment on column lab_sample.mrn_id is
    'Identifier of the patient. Laboratory data reaches the patient through the sample, not through the '
    'order.';

select pg_temp.audited_table('lab_order', $$
    lab_order_id         bigint       primary key,
    stored_from          timestamptz  not null,
    valid_from           timestamptz  not null,
    clinical_information text,
    internal_lab_number  varchar(255),
    order_datetime       timestamptz,
    request_datetime     timestamptz,
    source_system        varchar(255),
    hospital_visit_id    bigint       references hospital_visit,
    lab_battery_id       bigint       not null references lab_battery,
    lab_sample_id        bigint       not null references lab_sample
$$, twin_key => 'null');
select pg_temp.ensure_index('lo_lab_battery_id', 'lab_order', 'lab_battery_id');
select pg_temp.ensure_index('lo_lab_sample_id', 'lab_order', 'lab_sample_id');
select pg_temp.ensure_index('lo_hospital_visit_id', 'lab_order', 'hospital_visit_id');
select pg_temp.ensure_index('lo_order_datetime', 'lab_order', 'order_datetime');
select pg_temp.ensure_index('loa_lab_sample_id', 'lab_order_audit', 'lab_sample_id');
select pg_temp.ensure_natural_key('lab_order_natural_key', 'lab_order', 'lab_battery_id, lab_sample_id');
comment on table lab_order is 'A request for one battery of tests on one sample.';
comment on column lab_order.clinical_information is 'Clinical details given with the request.';
comment on column lab_order.internal_lab_number is 'Number of the order in the ordering system.';
comment on column lab_order.order_datetime is 'When the order was placed.';
comment on column lab_order.request_datetime is 'When it was requested.';
comment on column lab_order.source_system is
    'Sending application, or `Not in Message` when the message names none.';
comment on column lab_order.hospital_visit_id is 'The visit; null if the laboratory named none.';
comment on column lab_order.lab_battery_id is 'The battery requested.';
comment on column lab_order.lab_sample_id is 'The sample to be tested.';

select pg_temp.audited_table('lab_result', $$
    lab_result_id                 bigint       primary key,
    stored_from                   timestamptz  not null,
    valid_from                    timestamptz  not null,
    abnormal_flag                 varchar(255),
    comment                       text,
    mime_type                     varchar(255),
    range_high                    double precision,
    range_low                     double precision,
    result_last_modified_datetime timestamptz,
    result_operator               varchar(255),
    result_status                 varchar(255),
    units                         varchar(255),
    value_as_bytes                bytea,
    value_as_real                 double precision,
    value_as_text                 text,
    lab_order_id                  bigint       not null references lab_order,
    lab_test_definition_id        bigint       not null references lab_test_definition
$$);
select pg_temp.ensure_index('lr_lab_order_id', 'lab_result', 'lab_order_id');
select pg_temp.ensure_index('lr_lab_test_definition_id', 'lab_result', 'lab_test_definition_id');
select pg_temp.ensure_index(
    'lr_result_last_modified_datetime', 'lab_result', 'result_last_modified_datetime');
select pg_temp.ensure_natural_key(
    'lab_result_natural_key', 'lab_result',
    'lab_order_id, lab_test_definition_id');
comment on table lab_result is 'The result of one test of one order.';
comment on column lab_result.abnormal_flag is
    'Mark of the laboratory for a result out of range, for example `H`; null when normal.';
comment on column lab_result.comment is 'Notes of the laboratory on the result.';
comment on column lab_result.mime_type is
    'Where the value is: `numeric/plain` in `value_as_real`, `text/plain` in `value_as_text`, '
    '`application/pdf` in `value_as_bytes`, `link/lab_isolate` in `lab_isolate`.';
comment on column lab_result.range_high is
    'Upper end of the reference range, in `units`; null if none or not a number.';
comment on column lab_result.range_low is
    'Lower end of the reference range, in `units`; null if none or not a number.';
comment on column lab_result.result_last_modified_datetime is 'Time of the result as held.';
comment on column lab_result.result_operator is '`=`, `<` or `>`: how `value_as_real` bounds the true value.';
comment on column lab_result.result_status is
    'Stage of the result, for example `PRELIMINARY`, `FINAL` or `CORRECTED`.';
comment on column lab_result.units is 'Unit in the sender''s spelling, never converted.';
comment on column lab_result.value_as_bytes is 'The value if it is a document (PDF).';
comment on column lab_result.value_as_real is 'The value if it is a number, in `units`.';
comment on column lab_result.value_as_text is 'The value if it is text; lines are separated by line feeds.';
comment on column lab_result.lab_order_id is 'The order.';
comment on column lab_result.lab_test_definition_id is 'The test.';

select pg_temp.audited_table('lab_isolate', $$
    lab_isolate_id       bigint       primary key,
    stored_from          timestamptz  not null,
    valid_from           timestamptz  not null,
    clinical_information varchar(255),
    culture_type         varchar(255),
    isolate_code         varchar(255),
    isolate_name         varchar(255),
    lab_internal_id      varchar(255),
    quantity             varchar(255),
    lab_result_id        bigint       not null references lab_result
$$);
select pg_temp.ensure_natural_key(
    'lab_isolate_natural_key', 'lab_isolate',
    'lab_result_id, lab_internal_id');
comment on table lab_isolate is 'An organism that grew in a culture.';
comment on column lab_isolate.clinical_information is 'Remarks, for example a resistance.';
comment on column lab_isolate.culture_type is 'How it was cultured.';
comment on column lab_isolate.isolate_code is 'Code of the organism at the laboratory.';
comment on column lab_isolate.isolate_name is 'Name of the organism.';
comment on column lab_isolate.lab_internal_id is
    'Number of the isolate within its result; stays the same while the organism is being identified.';
comment on column lab_isolate.quantity is 'How much grew: a range of counts or a category.';
comment on column lab_isolate.lab_result_id is 'The culture''s result.';

select pg_temp.audited_table('lab_sensitivity', $$
    lab_sensitivity_id bigint       primary key,
    stored_from        timestamptz  not null,
    valid_from         timestamptz  not null,
    agent              varchar(255),
    reporting_datetime timestamptz,
    sensitivity        varchar(255),
    lab_isolate_id     bigint       not null references lab_isolate
$$);
select pg_temp.ensure_natural_key('lab_sensitivity_natural_key', 'lab_sensitivity', 'lab_isolate_id, agent');
comment on table lab_sensitivity is 'How one isolate responds to one agent.';
comment on column lab_sensitivity.agent is 'Antimicrobial or other agent tested.';
comment on column lab_sensitivity.reporting_datetime is 'When this response was reported.';
comment on column lab_sensitivity.sensitivity is 'Code of the response, for example `S` or `R`.';
comment on column lab_sensitivity.lab_isolate_id is 'The isolate.';

select pg_temp.describe_common_columns();
