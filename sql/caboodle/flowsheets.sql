-- Values on flowsheets. @P1, @P2 bounds of the window, UTC. Which flowsheet rows are wanted is decided by the program.
SELECT
    x.value_key,
    p.hospital_number,
    v.visit_number,
    x.row_code,
    r.value_kind,
    r.unit,
    x.value_text,
    x.value_number,
    x.value_on,
    x.comment_text,
    x.observed_at_utc,
    x.updated_at_utc
FROM dbo.wh_chart_value AS x
LEFT JOIN dbo.wh_chart_row AS r ON x.row_code = r.row_code
LEFT JOIN dbo.wh_visit AS v ON x.visit_key = v.visit_key
-- A load that broke off may leave more than one row of a person marked as the latest.
LEFT JOIN (
    SELECT
        person.person_key,
        MAX(person.version) AS version
    FROM dbo.wh_person AS person
    WHERE person.is_latest = 1
    GROUP BY person.person_key
) AS latest ON v.person_key = latest.person_key
LEFT JOIN dbo.wh_person AS p ON latest.person_key = p.person_key AND latest.version = p.version
WHERE
    x.updated_at_utc >= @P1
    AND x.updated_at_utc < @P2
ORDER BY x.updated_at_utc, x.value_key
