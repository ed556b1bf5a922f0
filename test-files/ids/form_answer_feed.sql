-- Invented answers to forms, in the message store (PostgreSQL). May be run again: what is there is dropped first.
CREATE SCHEMA IF NOT EXISTS ids;
DROP TABLE IF EXISTS ids.form_answer_feed;
CREATE TABLE ids.form_answer_feed (
    row_id bigint PRIMARY KEY, persisted_at timestamptz NOT NULL, form_no text NOT NULL, mrn text NOT NULL,
    visit_number text NOT NULL, first_filed_at timestamptz NOT NULL, filed_at timestamptz NOT NULL, note_no bigint,
    note_text text, question_code text NOT NULL, context text, data_kind text NOT NULL, value_text text);
INSERT INTO ids.form_answer_feed
SELECT row_id, persisted_at::timestamptz, '91', 'MRN1', 'V901', '2021-06-01T08:00:00Z', filed_at::timestamptz,
       note_no, 'A note', question, 'NOTE', data_kind, value_text
FROM (VALUES
    (1, '2021-06-01T09:00:00Z', '2021-06-01T08:00:00Z', 7, 'Q1', 'Boolean', '1'),
    (2, '2021-06-01T09:00:00Z', '2021-06-01T08:00:00Z', 8, 'Q1', 'Text', 'other form'),
    (3, '2021-06-01T09:00:00Z', '2021-06-01T08:00:00Z', 7, 'Q2', 'Number', '-1.5'),
    (4, '2021-06-01T09:00:00Z', '2021-06-01T08:00:00Z', 7, 'Q3', 'Date', '2021-05-30'),
    (5, '2021-06-01T09:00:00Z', '2021-06-01T08:00:00Z', 7, 'Q4', 'Date-time', '2021-05-30T10:00:00Z'),
    (6, '2021-06-01T09:00:00Z', '2021-06-01T08:00:00Z', 7, 'Q5', 'Number', 'many'),
    (7, '2021-06-02T09:00:00Z', '2021-06-02T08:30:00.250Z', 7, 'Q1', 'Boolean', '0'),
    (8, '2021-06-02T09:00:00Z', '2021-06-02T08:30:00Z', NULL, 'Q1', 'Text', 'of no note')
) AS answer (row_id, persisted_at, filed_at, note_no, question, data_kind, value_text);
