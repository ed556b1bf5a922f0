-- Answers of forms; those that were filed together stand together, in the place of the first of them.
-- $1, $2 bounds of the window.
SELECT
    row_id,
    persisted_at,
    form_no,
    mrn,
    visit_number,
    first_filed_at,
    filed_at,
    note_no,
    note_text,
    question_code,
    context,
    data_kind,
    value_text
FROM form_answer_feed
WHERE
    persisted_at >= $1
    AND persisted_at < $2
ORDER BY
    min(row_id) OVER (
        PARTITION BY note_no, form_no, mrn, visit_number, first_filed_at, filed_at
    ),
    row_id
