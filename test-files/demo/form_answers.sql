-- The answers to a form that was filled in on the demo's day, in the message store (PostgreSQL). Invented.
DELETE FROM ids.form_answer_feed;
INSERT INTO ids.form_answer_feed
SELECT row_id, '2024-02-14T14:20:00Z', '501', '40010023', '7100001', '2024-02-14T14:15:00Z', '2024-02-14T14:15:00Z',
       70001, 'Walks with a frame', question, 'NOTE', data_kind, value_text
FROM (VALUES
    (1, 'FALLS#1', 'Boolean', '1'),
    (2, 'FALLS#2', 'Number', '45'),
    (3, 'FALLS#3', 'Date', '2024-02-21'),
    (4, 'FALLS#4', 'Text', 'walking frame, bed rails')
) AS answer (row_id, question, data_kind, value_text);
