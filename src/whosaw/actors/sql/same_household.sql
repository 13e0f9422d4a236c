-- 1: the token or session was issued to somebody of the same household, or to whom this person gave leave, and had not ended.
-- 2: it was issued to another who is neither. 3: neither is on record anywhere, or all logins may have to be later by hours at which it
-- is in force. 0: it is nobody else's, so this is no question
-- of a household. A home of many people is a building, and makes nobody a household.
WITH slack AS (SELECT ?::BIGINT AS micros),
households AS (
    SELECT person, home FROM detect_lives
    WHERE home IN (SELECT home FROM detect_lives GROUP BY home HAVING count(*) <= 8)
),
holders AS (
    SELECT coalesce(token, -2 - session) AS pass, list({'person': person, 'starts': starts, 'ends': ends, 'home': home}) AS each
    FROM (
        SELECT token, NULL::BIGINT AS session, person, starts, ends FROM detect_issued_tokens WHERE token >= 0
        UNION ALL SELECT NULL, session, person, starts, ends FROM detect_issued_sessions WHERE session >= 0
    ) LEFT JOIN households USING (person)
    GROUP BY pass
),
leave AS (
    SELECT subject, list({'delegate': delegate, 'since': since, 'until': until}) AS each
    FROM detect_delegations WHERE subject >= 0 GROUP BY subject
),
held AS (
    SELECT
        input.*, len(list_filter(holders.each, lambda h: len(list_filter(may_be.shifts, lambda m:
            h.starts + m <= input.time + slack.micros AND (h.ends IS NULL OR input.time <= h.ends + m + slack.micros))) > 0)) > 0 AS elsewhen, slack.micros AS slack, holders.each IS NOT NULL AS known, households.home, leave.each AS leave,
        list_filter(holders.each, lambda h:
            h.starts <= input.time + slack.micros AND (h.ends IS NULL OR input.time <= h.ends + slack.micros)) AS holders,
        list_contains(list_transform(holders.each, lambda h: h.person), input.person) AS own
    FROM input CROSS JOIN slack CROSS JOIN detect_login_shifts AS may_be
    LEFT JOIN holders ON holders.pass = coalesce(input.token, -2 - input.session)
    LEFT JOIN households ON households.person = input.person
    LEFT JOIN leave ON leave.subject = input.person
)
SELECT
    held.* EXCLUDE (slack, known, home, leave, holders, own, elsewhen),
    CASE
        WHEN NOT known OR own OR person IS NULL THEN 0
        WHEN NOT (given.delegations OR given.homes) THEN 3
        WHEN len(list_filter(holders, lambda h: h.home = held.home)) > 0 THEN 1
        WHEN len(list_filter(holders, lambda h: len(list_filter(held.leave, lambda l:
            l.delegate = h.person
            AND (l.since IS NULL OR l.since <= held.time + held.slack)
            AND (l.until IS NULL OR held.time < l.until + held.slack))) > 0)) > 0 THEN 1
        WHEN elsewhen THEN 3
        ELSE 2
    END::UTINYINT AS answer
FROM held CROSS JOIN detect_given AS given
