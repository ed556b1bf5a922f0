-- Allergies: one row for each change within a range somewhat wider than the window, times its reactions; those of which no
-- change is on record by their own dates. Which row is in the window is decided by the program.
-- @P1, @P2 bounds, hospital time.
SELECT
    a.allergy_no,
    changed.changed_at_local,
    changed.next_changed_at_local,
    p.hospital_number,
    v.visit_number,
    g.allergen_name,
    g.kind_code,
    kind.label AS kind_label,
    a.severity_code,
    severity.label AS severity_label,
    a.state_code,
    s.label AS state_label,
    a.added_at_local,
    a.onset_on,
    a.note_text,
    reaction.line AS reaction_line,
    reaction.reaction_name
FROM dbo.rpt_allergy AS a
LEFT JOIN (
    SELECT
        l.entity_no,
        l.changed_at_local,
        LEAD(l.changed_at_local) OVER (PARTITION BY l.entity_no ORDER BY l.changed_at_local) AS next_changed_at_local
    FROM dbo.rpt_change_log AS l
    WHERE
        l.entity = 'ALLERGY'
        AND l.changed_at_local >= @P1
        AND l.changed_at_local < @P2
    GROUP BY l.entity_no, l.changed_at_local
) AS changed ON a.allergy_no = changed.entity_no
LEFT JOIN dbo.rpt_patient AS p ON a.patient_ref = p.patient_ref
LEFT JOIN dbo.rpt_visit AS v ON a.visit_ref = v.visit_ref
LEFT JOIN dbo.rpt_allergen AS g ON a.allergen_ref = g.allergen_ref
LEFT JOIN dbo.rpt_code_label AS kind ON kind.code_set = 'ALLERGEN_KIND' AND g.kind_code = kind.code
LEFT JOIN dbo.rpt_code_label AS severity ON severity.code_set = 'SEVERITY' AND a.severity_code = severity.code
LEFT JOIN dbo.rpt_code_label AS s ON s.code_set = 'ALLERGY_STATE' AND a.state_code = s.code
LEFT JOIN dbo.rpt_allergy_reaction AS reaction ON a.allergy_no = reaction.allergy_no
WHERE
    changed.changed_at_local IS NOT NULL
    OR (
        NOT EXISTS (
            SELECT 1
            FROM dbo.rpt_change_log AS any_change
            WHERE any_change.entity = 'ALLERGY' AND any_change.entity_no = a.allergy_no
        )
        AND a.added_at_local >= @P1
        AND a.added_at_local < @P2
    )
ORDER BY
    COALESCE(changed.changed_at_local, a.added_at_local),
    a.allergy_no,
    reaction.line,
    reaction.reaction_name
