-- Requests for consults: one row for each line of a comment or an answer, one row for a request with neither.
-- @P1, @P2 bounds, hospital time, somewhat wider than the window.
SELECT
    o.order_no,
    p.hospital_number,
    v.visit_number,
    i.item_code,
    o.state_code,
    s.label AS state_label,
    o.status_changed_at_local,
    o.scheduled_at_local,
    t.part,
    t.question_ref,
    q.question_text,
    t.line,
    t.line_text
FROM dbo.rpt_consult_order AS o
LEFT JOIN dbo.rpt_patient AS p ON o.patient_ref = p.patient_ref
LEFT JOIN dbo.rpt_visit AS v ON o.visit_ref = v.visit_ref
LEFT JOIN dbo.rpt_order_item AS i ON o.item_ref = i.item_ref
LEFT JOIN dbo.rpt_code_label AS s ON s.code_set = 'ORDER_STATE' AND o.state_code = s.code
LEFT JOIN (
    SELECT
        c.order_no,
        1 AS part,
        CAST(NULL AS int) AS question_ref,
        c.line,
        c.line_text
    FROM dbo.rpt_consult_comment AS c
    UNION ALL
    SELECT
        a.order_no,
        2 AS part,
        a.question_ref,
        a.line,
        a.line_text
    FROM dbo.rpt_consult_answer AS a
) AS t ON o.order_no = t.order_no
LEFT JOIN dbo.rpt_question AS q ON t.question_ref = q.question_ref
WHERE
    o.status_changed_at_local >= @P1
    AND o.status_changed_at_local < @P2
ORDER BY
    o.status_changed_at_local,
    o.order_no,
    t.part,
    t.question_ref,
    t.line
