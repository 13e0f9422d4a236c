-- The first view by each client (of one in so many) of a person to whom its token or session was issued; `fits`: by how many whole hours
-- all logins would have to be later for it to be in force then.
CREATE OR REPLACE TEMP TABLE detect_own_uses AS
WITH given AS (SELECT ?::BIGINT AS slack, ?::BIGINT AS most, ?::BIGINT AS one_in, 3600000000 AS one_hour),
uses AS (
    SELECT c.client, c.token, c.session, v.person, min(epoch_us(v.time)) AS time
    FROM views AS v JOIN detect_clients AS c USING (client) CROSS JOIN given
    WHERE NOT v.duplicate AND v.person IS NOT NULL AND coalesce(c.token, c.session) IS NOT NULL AND c.client % given.one_in = 0
    GROUP BY c.client, c.token, c.session, v.person
),
own AS (
    SELECT u.client, u.person, u.time, t.starts, t.ends FROM uses AS u
    JOIN detect_issued_tokens AS t ON t.token = u.token AND t.person = u.person
    UNION ALL
    SELECT u.client, u.person, u.time, s.starts, s.ends FROM uses AS u
    JOIN detect_issued_sessions AS s ON s.session = u.session AND s.person = u.person
)
SELECT o.client, o.person, list_distinct(flatten(list(range(
    greatest(coalesce(ceil((o.time - given.slack - o.ends) / given.one_hour), -given.most), -given.most)::BIGINT,
    least(floor((o.time + given.slack - o.starts) / given.one_hour), given.most)::BIGINT + 1)))) AS fits
FROM own AS o CROSS JOIN given GROUP BY o.client, o.person
