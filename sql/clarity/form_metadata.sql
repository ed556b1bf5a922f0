-- Forms. @P1 lower bound, hospital time; @P3 = 1 on the first pass, the only one on which forms without a time come.
SELECT
    f.form_no,
    f.form_title,
    f.patient_title,
    f.effective_from_local
FROM dbo.rpt_form AS f
WHERE @P3 = 1 OR f.effective_from_local > @P1
ORDER BY
    CASE WHEN f.effective_from_local IS NULL THEN 1 ELSE 0 END,
    f.effective_from_local,
    f.form_no
