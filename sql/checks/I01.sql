-- A stay without an arrival.
SELECT 'location_visit' AS place, v.location_visit_id AS id, 'admission_datetime is null' AS detail
FROM location_visit v
WHERE v.admission_datetime IS NULL /*window v*/
