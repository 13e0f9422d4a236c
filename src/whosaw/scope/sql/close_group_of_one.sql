-- The same where there is one finding alone: no value is looked at that nobody else has.
CREATE OR REPLACE TEMP TABLE {groups} AS
SELECT {columns}, node, sum(held)::BIGINT AS held
FROM {source} SEMI JOIN (SELECT DISTINCT {columns} FROM scope_outside WHERE {present}) USING ({columns})
GROUP BY {columns}, node;
