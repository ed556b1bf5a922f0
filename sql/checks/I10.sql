-- A patient at two places at once.
SELECT 'location_visit' AS place, v.location_visit_id AS id, v.detail
FROM (
    SELECT s.location_visit_id, s.stored_from,
           CASE WHEN s.discharge_datetime IS NULL AND lead(s.location_visit_id) OVER visits IS NOT NULL
                THEN 'a later stay begins although this one is open'
                WHEN s.discharge_datetime > lead(s.admission_datetime) OVER visits
                THEN 'overlaps the next stay of its visit' END AS detail
    FROM location_visit s
    WINDOW visits AS (PARTITION BY s.hospital_visit_id ORDER BY s.admission_datetime, s.discharge_datetime NULLS LAST)
) v
WHERE v.detail IS NOT NULL /*window v*/
