-- Types of consults: those of inpatients and of therapists, not the reviews of pharmacists.
-- @P1 lower bound, hospital time; @P3 = 1 on the first pass. Rows without a time always come: the program decides.
SELECT
    i.item_code,
    i.item_name,
    i.changed_at_local
FROM dbo.rpt_order_item AS i
WHERE
    i.category IN ('INPATIENT CONSULT', 'THERAPY CONSULT')
    AND (@P3 = 1 OR i.changed_at_local IS NULL OR i.changed_at_local > @P1)
ORDER BY i.changed_at_local, i.item_code
