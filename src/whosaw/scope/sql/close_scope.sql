-- The clients of the scope, each with its part, but those of one finding that counts every view of theirs.
CREATE OR REPLACE TEMP TABLE scope_parts AS
WITH asked AS (
    SELECT client, agent, tls, whole, held FROM scope_reach
    UNION ALL
    SELECT o.client, o.agent, o.tls, false, false FROM scope_outside AS o SEMI JOIN scope_possible USING (client)
    WHERE o.client NOT IN (SELECT client FROM scope_reach SEMI JOIN scope_possible USING (client))
)
SELECT a.client, coalesce(k.part, 0) AS part, a.whole, a.held FROM asked AS a
LEFT JOIN scope_looks AS k ON k.agent IS NOT DISTINCT FROM a.agent AND k.tls IS NOT DISTINCT FROM a.tls;
