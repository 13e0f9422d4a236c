-- Held views from networks where no more clients bear the sign than anywhere and no record proves them, those that are company, and, where it
-- is asked, those that no finding counts without a record (scope_doubted); and all others that are held (scope_judged).
CREATE OR REPLACE TEMP TABLE scope_doubted AS
WITH unproven AS (
    SELECT s.content, s.line, s.person, s.client FROM scope_views AS s
    ANTI JOIN scope_proven AS p ON p.client = s.client
    ANTI JOIN scope_proof_lines AS l ON l.content = s.content AND l.line = s.line
    ANTI JOIN scope_seeded AS q ON q.client = s.client
    WHERE s.held
)
SELECT u.* FROM unproven AS u JOIN clients AS c USING (client) SEMI JOIN doubted_places AS d ON d.network = coalesce(c.network, -1)
UNION
SELECT u.* FROM unproven AS u SEMI JOIN scope_in_company AS o ON o.content = u.content AND o.line = u.line
UNION
SELECT u.* FROM unproven AS u ANTI JOIN scope_plain AS o ON o.content = u.content AND o.line = u.line
WHERE {found_only};
CREATE OR REPLACE TEMP VIEW scope_judged AS
SELECT s.* FROM scope_views AS s ANTI JOIN scope_doubted AS d
    ON d.content = s.content AND d.line = s.line AND d.client = s.client AND d.person IS NOT DISTINCT FROM s.person
WHERE s.held;
