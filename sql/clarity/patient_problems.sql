-- Problems: one row for each change within a range somewhat wider than the window; those of which no
-- change is on record by their own dates. Which row is in the window is decided by the program.
-- @P1, @P2 bounds, hospital time.
SELECT
    r.problem_no,
    changed.changed_at_local,
    changed.next_changed_at_local,
    p.hospital_number,
    v.visit_number,
    icd.code AS icd10_code,
    d.title,
    r.state_code,
    s.label AS state_label,
    r.entered_on,
    r.onset_on,
    r.resolved_on,
    r.note_text
FROM dbo.rpt_problem AS r
LEFT JOIN (
    SELECT
        l.entity_no,
        l.changed_at_local,
        LEAD(l.changed_at_local) OVER (PARTITION BY l.entity_no ORDER BY l.changed_at_local) AS next_changed_at_local
    FROM dbo.rpt_change_log AS l
    WHERE
        l.entity = 'PROBLEM'
        AND l.changed_at_local >= @P1
        AND l.changed_at_local < @P2
    GROUP BY l.entity_no, l.changed_at_local
) AS changed ON r.problem_no = changed.entity_no
LEFT JOIN dbo.rpt_patient AS p ON r.patient_ref = p.patient_ref
LEFT JOIN dbo.rpt_visit AS v ON r.visit_ref = v.visit_ref
LEFT JOIN dbo.rpt_diagnosis AS d ON r.diagnosis_ref = d.diagnosis_ref
LEFT JOIN (
    SELECT
        c.diagnosis_ref,
        c.code,
        ROW_NUMBER() OVER (PARTITION BY c.diagnosis_ref ORDER BY c.line, c.code) AS place
    FROM dbo.rpt_diagnosis_code AS c
    WHERE c.scheme = 'ICD10'
) AS icd ON r.diagnosis_ref = icd.diagnosis_ref AND icd.place = 1
LEFT JOIN dbo.rpt_code_label AS s ON s.code_set = 'PROBLEM_STATE' AND r.state_code = s.code
WHERE
    changed.changed_at_local IS NOT NULL
    OR (
        NOT EXISTS (
            SELECT 1
            FROM dbo.rpt_change_log AS any_change
            WHERE any_change.entity = 'PROBLEM' AND any_change.entity_no = r.problem_no
        )
        AND CAST(r.entered_on AS datetime2(0)) >= @P1
        AND CAST(r.entered_on AS datetime2(0)) < @P2
    )
ORDER BY
    COALESCE(changed.changed_at_local, CAST(r.entered_on AS datetime2(0))),
    r.problem_no
