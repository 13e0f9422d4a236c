-- Held views by the values of a link and by finding: those values that others have, too, or several findings.
CREATE OR REPLACE TEMP TABLE {groups} AS
WITH elsewhere AS (SELECT DISTINCT {columns} FROM scope_outside WHERE {present}),
each AS (SELECT {columns}, node, sum(held)::BIGINT AS held FROM {source} WHERE {present} GROUP BY {columns}, node),
several AS (SELECT {columns} FROM each GROUP BY {columns} HAVING min(node) <> max(node))
SELECT each.* FROM each SEMI JOIN (SELECT * FROM elsewhere UNION SELECT * FROM several) USING ({columns});
