-- An answer that belongs to nothing. The removal of a patient leaves some.
SELECT 'request_answer' AS place, v.request_answer_id AS id, 'unknown parent_table' AS detail
FROM request_answer v
WHERE v.parent_table NOT IN ('LAB_SAMPLE', 'CONSULT_REQUEST', 'ADVANCE_DECISION') /*window v*/
UNION ALL
SELECT 'request_answer', v.request_answer_id, 'its parent is gone'
FROM request_answer v
WHERE NOT CASE v.parent_table
          WHEN 'LAB_SAMPLE' THEN EXISTS (SELECT FROM lab_sample p WHERE p.lab_sample_id = v.parent_id
                                  UNION ALL SELECT FROM lab_sample_audit p WHERE p.lab_sample_id = v.parent_id)
          WHEN 'CONSULT_REQUEST' THEN EXISTS (
              SELECT FROM consultation_request p WHERE p.consultation_request_id = v.parent_id
              UNION ALL SELECT FROM consultation_request_audit p WHERE p.consultation_request_id = v.parent_id)
          WHEN 'ADVANCE_DECISION' THEN EXISTS (
              SELECT FROM advance_decision p WHERE p.advance_decision_id = v.parent_id
              UNION ALL SELECT FROM advance_decision_audit p WHERE p.advance_decision_id = v.parent_id)
          ELSE true END /*window v*/
