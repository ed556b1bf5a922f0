-- What was answered to which question of a form.
SELECT kind.name AS form,
       identifier.mrn,
       to_char(form.first_filed_datetime, 'HH24:MI') AS "filed at",
       question.concept_name AS question,
       coalesce(answer.value_as_boolean::text, answer.value_as_number::text, answer.value_as_date::text,
                answer.value_as_text) AS answer
FROM form
JOIN form_definition AS kind USING (form_definition_id)
JOIN form_answer AS answer USING (form_id)
JOIN form_question AS question USING (form_question_id)
JOIN hospital_visit AS visit ON visit.hospital_visit_id = form.hospital_visit_id
JOIN mrn_to_live AS live ON live.mrn_id = visit.mrn_id
JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
WHERE question.concept_name IS NOT NULL
ORDER BY form.form_id, question.internal_id
