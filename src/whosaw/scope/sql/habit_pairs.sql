-- Addresses with a user agent that made more views than a habit has steps; none where no such one has a view that is not held.
CREATE OR REPLACE TEMP TABLE scope_pairs AS
WITH each AS (
    SELECT address, agent, sum(held)::BIGINT AS views FROM scope_base GROUP BY address, agent
    UNION ALL
    SELECT address, agent, sum(unexplained + cannot_tell + explained) FROM scope_outside GROUP BY address, agent
)
SELECT address, agent, (row_number() OVER (ORDER BY address, agent) - 1)::INTEGER AS pair FROM each
WHERE address IS NOT NULL AND agent IS NOT NULL
    AND EXISTS (SELECT 1 FROM scope_base) AND EXISTS (
        SELECT 1 FROM scope_outside WHERE address IS NOT NULL AND agent IS NOT NULL GROUP BY address, agent
        HAVING sum(unexplained + cannot_tell) > 0 AND sum(held + unexplained + cannot_tell + explained) > {least}
    )
GROUP BY address, agent HAVING sum(views) > {least};
