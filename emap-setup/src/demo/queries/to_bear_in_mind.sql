-- Allergies, problems, infections, open requests and decisions in force of the patients who are in the hospital.
WITH patient AS (
    SELECT visit.hospital_visit_id, identifier.mrn_id, identifier.mrn
    FROM location_visit AS stay
    JOIN hospital_visit AS visit USING (hospital_visit_id)
    JOIN mrn_to_live AS live ON live.mrn_id = visit.mrn_id
    JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
    WHERE stay.discharge_datetime IS NULL
)
SELECT patient.mrn,
       CASE kind.data_type
           WHEN 'PATIENT_ALLERGY' THEN 'allergy'
           WHEN 'PATIENT_INFECTION' THEN 'infection'
           ELSE 'problem'
       END AS what,
       concat_ws(': ', coalesce(kind.name, kind.internal_code), string_agg(reaction.name, ', ')) AS which
FROM patient
JOIN mrn_to_live AS live ON live.live_mrn_id = patient.mrn_id
JOIN patient_condition AS present ON present.mrn_id = live.mrn_id
JOIN condition_type AS kind USING (condition_type_id)
LEFT JOIN allergen_reaction AS reaction USING (patient_condition_id)
WHERE present.is_deleted IS NOT TRUE
  AND upper(present.status) IS DISTINCT FROM 'DELETED'
  AND present.resolution_date IS NULL
  AND present.resolution_datetime IS NULL
GROUP BY patient.mrn, kind.condition_type_id, present.patient_condition_id
UNION ALL
SELECT patient.mrn, 'consultation', concat_ws(' for ', coalesce(kind.name, kind.code), to_char(request.scheduled_datetime, 'HH24:MI'))
FROM patient
JOIN consultation_request AS request USING (hospital_visit_id)
JOIN consultation_type AS kind USING (consultation_type_id)
WHERE request.cancelled IS NOT TRUE AND request.closed_due_to_discharge IS NOT TRUE
UNION ALL
SELECT patient.mrn, 'advance decision', kind.name
FROM patient
JOIN advance_decision AS decision USING (hospital_visit_id)
JOIN advance_decision_type AS kind USING (advance_decision_type_id)
WHERE decision.cancelled IS NOT TRUE AND decision.closed_due_to_discharge IS NOT TRUE
ORDER BY mrn, what, which
