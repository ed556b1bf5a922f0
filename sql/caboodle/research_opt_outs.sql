-- Choices about research, with the numbers that the person has now.
-- @P1 lower bound, UTC; @P3 = 1 on the first pass. Rows without a time always come: the program decides.
SELECT
    c.person_key,
    p.hospital_number,
    p.nhs_number,
    c.opted_out,
    c.changed_at_utc
FROM dbo.wh_research_choice AS c
-- A load that broke off may leave more than one row of a person marked as the latest.
LEFT JOIN (
    SELECT
        person.person_key,
        MAX(person.version) AS version
    FROM dbo.wh_person AS person
    WHERE person.is_latest = 1
    GROUP BY person.person_key
) AS latest ON c.person_key = latest.person_key
LEFT JOIN dbo.wh_person AS p ON latest.person_key = p.person_key AND latest.version = p.version
WHERE @P3 = 1 OR c.changed_at_utc IS NULL OR c.changed_at_utc > @P1
ORDER BY c.changed_at_utc, c.person_key, c.choice_key
