-- Two patients in one bed. Pool beds and waiting areas hold several.
-- inspect
SELECT 'location_visit' AS place, v.location_visit_id AS id, 'another visit has an open stay in the same bed' AS detail
FROM location_visit v JOIN location l USING (location_id)
WHERE v.discharge_datetime IS NULL AND l.bed_id IS NOT NULL
  AND EXISTS (SELECT FROM location_visit o
              WHERE o.location_id = v.location_id AND o.discharge_datetime IS NULL
                AND o.hospital_visit_id <> v.hospital_visit_id) /*window v*/
