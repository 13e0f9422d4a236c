-- 1: the token or session was issued to somebody of the same household, or to whom this person gave leave, and had not ended. 2: it was
-- issued to another who is neither. 3: neither is on record anywhere, or all logins may have to be later by hours at which it is in force.
-- 0: it is nobody else's, so this is no question of a household. A home of many people is a building, and makes nobody a household.
WITH
looks AS (SELECT *, coalesce(token, -2 - session) AS pass FROM views),
issued AS (
    SELECT token AS pass, subject AS person, time, ended FROM logins WHERE token >= 0 AND subject IS NOT NULL
    UNION ALL SELECT -2 - session, subject, time, ended FROM logins WHERE session >= 0 AND subject IS NOT NULL
),
held AS (
    SELECT pass, person, min(time) AS starts, CASE WHEN max(ended) >= max(time) THEN max(ended) END AS ends
    FROM issued SEMI JOIN looks USING (pass) GROUP BY pass, person HAVING min(time) IS NOT NULL
),
met AS (SELECT person FROM looks WHERE person IS NOT NULL UNION SELECT person FROM held),
theirs AS (SELECT DISTINCT home FROM subjects JOIN met ON met.person = subject WHERE home IS NOT NULL),
beside AS (SELECT DISTINCT subject FROM subjects SEMI JOIN theirs USING (home) WHERE subject IS NOT NULL),
lives AS (SELECT subject AS person, min(home) AS home FROM subjects SEMI JOIN beside USING (subject) WHERE home IS NOT NULL GROUP BY subject),
households AS (SELECT person, home FROM lives SEMI JOIN (SELECT home FROM lives GROUP BY home HAVING count(*) <= 8) USING (home)),
holders AS (
    SELECT pass, list({'person': person, 'starts': starts, 'ends': ends, 'home': home}) AS each
    FROM held LEFT JOIN households USING (person) GROUP BY pass
),
leave AS (
    SELECT subject, list({'delegate': delegate, 'since': since, 'until': until}) AS each
    FROM delegations JOIN met ON met.person = subject WHERE subject >= 0 GROUP BY subject
),
told AS (
    SELECT
        v.place, v.day, v.time, v.person, h.each IS NOT NULL AS known, own.home, leave.each AS leave,
        len(list_filter(h.each, lambda x: len(list_filter(f.login_shifts, lambda m:
            x.starts + m <= v.time + $1 AND (x.ends IS NULL OR v.time <= x.ends + m + $1))) > 0)) > 0 AS elsewhen,
        list_filter(h.each, lambda x: x.starts <= v.time + $1 AND (x.ends IS NULL OR v.time <= x.ends + $1)) AS holders,
        list_contains(list_transform(h.each, lambda x: x.person), v.person) AS own,
        f.delegations OR f.homes AS asked
    FROM looks AS v JOIN day_facts AS f USING (day)
    LEFT JOIN holders AS h ON h.pass = v.pass
    LEFT JOIN households AS own ON own.person = v.person
    LEFT JOIN leave ON leave.subject = v.person
)
SELECT
    CASE
        WHEN NOT known OR own OR person IS NULL THEN 0
        WHEN NOT asked THEN 3
        WHEN len(list_filter(holders, lambda h: h.home = told.home)) > 0 THEN 1
        WHEN len(list_filter(holders, lambda h: len(list_filter(told.leave, lambda l:
            l.delegate = h.person AND (l.since IS NULL OR l.since <= told.time + $1) AND (l.until IS NULL OR told.time < l.until + $1)
        )) > 0)) > 0 THEN 1
        WHEN elsewhen THEN 3
        ELSE 2
    END::UTINYINT AS answer
FROM told ORDER BY place
