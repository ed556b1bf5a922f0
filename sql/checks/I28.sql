-- Plans that were matched with a movement that is not there, or with themselves. The removal of a patient leaves some.
-- inspect
-- needs: planned_movement.matched_movement_id
SELECT 'planned_movement' AS place, v.planned_movement_id AS id, found.detail
FROM planned_movement v
CROSS JOIN LATERAL (VALUES
    (v.matched_movement_id = v.planned_movement_id, 'matched_movement_id is the row itself'),
    (NOT EXISTS (SELECT FROM planned_movement m WHERE m.planned_movement_id = v.matched_movement_id),
     'matched_movement_id leads to no row')
) AS found(is_so, detail)
WHERE v.matched_movement_id IS NOT NULL AND found.is_so /*window v*/
