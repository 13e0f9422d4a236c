-- Clients of the actor, but those of one finding that counts every view of theirs. whole: every view of theirs is its; else only the lines in scope_lines. held: false where honest people
-- live and no record proves single views, and of findings that are not surely his.
CREATE OR REPLACE TEMP TABLE scope_reach AS
WITH joined AS (
    SELECT j.client FROM scope_joined AS j JOIN scope_party AS p USING (client) SEMI JOIN chosen_parties USING (party)
),
found AS ({found}),
every AS (
    SELECT f.client, f.whole, f.sure, j.client IS NOT NULL AS joined FROM found AS f LEFT JOIN joined AS j ON j.client = f.client
    UNION ALL
    SELECT client, false, true, true FROM joined WHERE client NOT IN (SELECT f.client FROM found AS f SEMI JOIN joined AS j ON j.client = f.client)
)
SELECT e.client, e.whole OR (e.joined AND {bare}) AS whole, e.joined, c.agent, c.tls,
    e.sure AND (s.network IS NULL OR p.client IS NOT NULL OR q.client IS NOT NULL) AS held
FROM every AS e JOIN scope_few AS c USING (client)
LEFT JOIN shared_places AS s ON s.network = coalesce(c.network, -1)
LEFT JOIN {proven} AS p ON p.client = e.client
LEFT JOIN scope_seeded AS q ON q.client = e.client;
