-- Held views by the values of a link and by finding: those values that others have, too, or several findings. A value of
-- several findings is one of a finding that is not the largest, so no more values are looked at.
CREATE OR REPLACE TEMP TABLE {groups} AS
WITH elsewhere AS (SELECT DISTINCT {columns} FROM scope_outside WHERE {present}),
asked AS (SELECT * FROM elsewhere UNION SELECT {columns} FROM {source} WHERE {present} AND node <> {largest}),
each AS (
    SELECT {columns}, node, sum(held)::BIGINT AS held FROM {source} SEMI JOIN asked USING ({columns})
    WHERE {present} GROUP BY {columns}, node
),
several AS (SELECT {columns} FROM each GROUP BY {columns} HAVING min(node) <> max(node))
SELECT each.* FROM each SEMI JOIN (SELECT * FROM elsewhere UNION SELECT * FROM several) USING ({columns});
