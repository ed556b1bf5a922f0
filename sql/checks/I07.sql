-- Periods of a place: two in force, or one that ended in only one of two ways.
SELECT place, id, detail FROM (
    SELECT 'department_state' AS place, s.department_state_id AS id, s.valid_until, s.stored_until, s.stored_from,
           count(*) FILTER (WHERE s.valid_until IS NULL) OVER (PARTITION BY s.department_id) AS open
    FROM department_state s
    UNION ALL
    SELECT 'room_state', s.room_state_id, s.valid_until, s.stored_until, s.stored_from,
           count(*) FILTER (WHERE s.valid_until IS NULL) OVER (PARTITION BY s.room_id)
    FROM room_state s
    UNION ALL
    SELECT 'bed_state', s.bed_state_id, s.valid_until, s.stored_until, s.stored_from,
           count(*) FILTER (WHERE s.valid_until IS NULL) OVER (PARTITION BY s.bed_id)
    FROM bed_state s
) v
CROSS JOIN LATERAL (VALUES
    (v.open > 1 AND v.valid_until IS NULL, 'several rows without valid_until'),
    ((v.valid_until IS NULL) <> (v.stored_until IS NULL), 'only one of valid_until and stored_until is set')
) AS found(is_so, detail)
WHERE found.is_so /*window v*/
