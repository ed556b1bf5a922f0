-- Who is expected to leave, and who is cared for by another speciality than at first in the same bed.
SELECT identifier.mrn,
       CASE movement.event_type
           WHEN 'DISCHARGE' THEN 'expected to leave'
           ELSE 'cared for by ' || coalesce(movement.hospital_service, 'nobody')
       END AS what,
       to_char(movement.event_datetime, 'HH24:MI') AS since
FROM planned_movement AS movement
JOIN hospital_visit AS visit USING (hospital_visit_id)
JOIN mrn_to_live AS live ON live.mrn_id = visit.mrn_id
JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
WHERE movement.event_type IN ('DISCHARGE', 'EDIT/HOSPITAL_SERVICE_CHANGE')
  AND movement.cancelled IS NOT TRUE
  AND visit.discharge_datetime IS NULL
ORDER BY since, identifier.mrn
