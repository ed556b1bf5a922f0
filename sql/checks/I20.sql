-- Values outside the list of those that a column may have.
SELECT 'hospital_visit' AS place, v.hospital_visit_id AS id, 'unknown patient_class' AS detail
FROM hospital_visit v
WHERE v.patient_class NOT IN ('INPATIENT', 'OUTPATIENT', 'EMERGENCY', 'DAY_CASE', 'PRE_ADMIT', 'NEW_BORN', 'SURGICAL_ADMISSION')
    /*window v*/
UNION ALL
SELECT 'condition_type', v.condition_type_id, 'unknown data_type'
FROM condition_type v
WHERE v.data_type NOT IN ('PROBLEM_LIST', 'PATIENT_INFECTION', 'PATIENT_ALLERGY') /*window v*/
UNION ALL
SELECT 'lab_result', v.lab_result_id, 'unknown result_operator'
FROM lab_result v
WHERE v.result_operator NOT IN ('=', '<', '>') /*window v*/
UNION ALL
SELECT 'lab_result', v.lab_result_id, 'unknown mime_type'
FROM lab_result v
WHERE v.mime_type NOT IN ('numeric/plain', 'text/plain', 'application/pdf', 'link/lab_isolate') /*window v*/
