-- The entities of a kind that changed in a range of time, each with its latest change there.
DROP FUNCTION IF EXISTS dbo.rpt_changed
GO
CREATE FUNCTION dbo.rpt_changed(@entity varchar(20), @from datetime2(0), @until datetime2(0))
RETURNS TABLE
AS RETURN (
    SELECT
        l.entity_no,
        MAX(l.changed_at_local) AS changed_at_local
    FROM dbo.rpt_change_log AS l
    WHERE
        l.entity = @entity
        AND l.changed_at_local >= @from
        AND l.changed_at_local < @until
    GROUP BY l.entity_no
)
GO
