-- Infections: one row for each change within a range somewhat wider than the window; those of which no
-- change is on record by their own dates. Which row is in the window is decided by the program.
-- @P1, @P2 bounds, hospital time.
SELECT
    i.infection_no,
    changed.changed_at_local,
    changed.next_changed_at_local,
    p.hospital_number,
    v.visit_number,
    k.kind_name,
    i.state_code,
    s.label AS state_label,
    i.added_at_local,
    i.resolved_at_local,
    i.onset_on,
    i.note_text
FROM dbo.rpt_infection AS i
LEFT JOIN (
    SELECT
        l.entity_no,
        l.changed_at_local,
        LEAD(l.changed_at_local) OVER (PARTITION BY l.entity_no ORDER BY l.changed_at_local) AS next_changed_at_local
    FROM dbo.rpt_change_log AS l
    WHERE
        l.entity = 'INFECTION'
        AND l.changed_at_local >= @P1
        AND l.changed_at_local < @P2
    GROUP BY l.entity_no, l.changed_at_local
) AS changed ON i.infection_no = changed.entity_no
LEFT JOIN dbo.rpt_patient AS p ON i.patient_ref = p.patient_ref
LEFT JOIN dbo.rpt_visit AS v ON i.visit_ref = v.visit_ref
LEFT JOIN dbo.rpt_infection_kind AS k ON i.kind_ref = k.kind_ref
LEFT JOIN dbo.rpt_code_label AS s ON s.code_set = 'INFECTION_STATE' AND i.state_code = s.code
WHERE
    changed.changed_at_local IS NOT NULL
    OR (
        NOT EXISTS (
            SELECT 1
            FROM dbo.rpt_change_log AS any_change
            WHERE any_change.entity = 'INFECTION' AND any_change.entity_no = i.infection_no
        )
        AND CASE
            WHEN i.added_at_local IS NULL OR i.resolved_at_local > i.added_at_local THEN i.resolved_at_local
            ELSE i.added_at_local
        END >= @P1
        AND CASE
            WHEN i.added_at_local IS NULL OR i.resolved_at_local > i.added_at_local THEN i.resolved_at_local
            ELSE i.added_at_local
        END < @P2
    )
ORDER BY
    COALESCE(
        changed.changed_at_local,
        CASE
            WHEN i.added_at_local IS NULL OR i.resolved_at_local > i.added_at_local THEN i.resolved_at_local
            ELSE i.added_at_local
        END
    ),
    i.infection_no
