-- Conditions with an entry of two precisions, or of the wrong one for their kind.
SELECT 'patient_condition' AS place, v.patient_condition_id AS id, 'added_date and added_datetime' AS detail
FROM patient_condition v
WHERE v.added_date IS NOT NULL AND v.added_datetime IS NOT NULL /*window v*/
UNION ALL
SELECT 'patient_condition', v.patient_condition_id, 'a problem with times, or another condition with dates'
FROM patient_condition v JOIN condition_type t USING (condition_type_id)
WHERE CASE t.data_type
          WHEN 'PROBLEM_LIST' THEN v.added_datetime IS NOT NULL OR v.resolution_datetime IS NOT NULL
          ELSE v.added_date IS NOT NULL OR v.resolution_date IS NOT NULL END /*window v*/
