-- A visit that ends before it begins, or whose patient has not left the last place.
SELECT 'hospital_visit' AS place, v.hospital_visit_id AS id, 'discharge_datetime before admission_datetime' AS detail
FROM hospital_visit v
WHERE v.discharge_datetime < v.admission_datetime /*window v*/
UNION ALL
SELECT 'hospital_visit', v.hospital_visit_id, 'discharged, with an open stay'
FROM hospital_visit v
WHERE v.discharge_datetime IS NOT NULL
  AND EXISTS (SELECT FROM location_visit s
              WHERE s.hospital_visit_id = v.hospital_visit_id AND s.discharge_datetime IS NULL) /*window v*/
