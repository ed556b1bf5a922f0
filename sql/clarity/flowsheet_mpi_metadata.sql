-- Ids of the interface with the rows of flowsheets that they belong to, of the items of this feed.
-- @P1 lower bound, UTC; @P3 = 1 on the first pass.
SELECT
    i.interface_code,
    i.item_name,
    i.created_on,
    m.line,
    m.row_code
FROM dbo.rpt_interface_item AS i
INNER JOIN dbo.rpt_interface_item_map AS m ON i.interface_code = m.interface_code
WHERE
    i.in_feed = 1
    AND m.row_code IS NOT NULL
    AND (@P3 = 1 OR CAST(i.created_on AS datetime2(0)) > @P1)
ORDER BY i.created_on, i.interface_code, m.line, m.row_code
