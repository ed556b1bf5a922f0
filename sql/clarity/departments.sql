-- Departments: one row for each change of speciality, one row for a department without any.
-- @P1 lower bound, hospital time; @P3 = 1 on the first pass.
SELECT
    u.unit_no,
    u.unit_hl7,
    u.unit_name,
    u.state_code,
    state.label AS state_label,
    u.changed_at_local AS unit_changed_at_local,
    contact.first_contact_at_local,
    u.specialty_code AS unit_specialty_code,
    present.label AS unit_specialty_label,
    history.changed_at_local AS specialty_changed_at_local,
    history.old_specialty_code,
    earlier.label AS old_specialty_label,
    history.new_specialty_code,
    later.label AS new_specialty_label
FROM dbo.rpt_unit AS u
LEFT JOIN (
    SELECT
        c.unit_no,
        MIN(c.contact_at_local) AS first_contact_at_local
    FROM dbo.rpt_unit_contact AS c
    GROUP BY c.unit_no
) AS contact ON u.unit_no = contact.unit_no
LEFT JOIN dbo.rpt_unit_specialty_log AS history ON u.unit_no = history.unit_no
LEFT JOIN dbo.rpt_code_label AS state ON state.code_set = 'RECORD_STATE' AND u.state_code = state.code
LEFT JOIN dbo.rpt_code_label AS present ON present.code_set = 'SPECIALTY' AND u.specialty_code = present.code
LEFT JOIN dbo.rpt_code_label AS earlier ON earlier.code_set = 'SPECIALTY' AND history.old_specialty_code = earlier.code
LEFT JOIN dbo.rpt_code_label AS later ON later.code_set = 'SPECIALTY' AND history.new_specialty_code = later.code
WHERE
    @P3 = 1
    OR COALESCE(history.changed_at_local, u.changed_at_local, contact.first_contact_at_local) > @P1
ORDER BY
    COALESCE(history.changed_at_local, u.changed_at_local, contact.first_contact_at_local),
    u.unit_no
