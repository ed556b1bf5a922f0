-- Questions of forms with the lines of their descriptions.
-- @P1 lower bound, hospital time; @P3 = 1 on the first pass, the only one on which questions without a time come.
SELECT
    i.item_code,
    i.item_title,
    i.short_title,
    i.effective_from_local,
    t.line,
    t.line_text
FROM dbo.rpt_form_item AS i
LEFT JOIN dbo.rpt_form_item_text AS t ON i.item_code = t.item_code
WHERE @P3 = 1 OR i.effective_from_local > @P1
ORDER BY
    CASE WHEN i.effective_from_local IS NULL THEN 1 ELSE 0 END,
    i.effective_from_local,
    i.item_code,
    t.line
