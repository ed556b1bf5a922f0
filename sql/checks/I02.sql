-- A stay that ends before it begins.
SELECT 'location_visit' AS place, v.location_visit_id AS id, 'discharge_datetime before admission_datetime' AS detail
FROM location_visit v
WHERE v.discharge_datetime < v.admission_datetime /*window v*/
