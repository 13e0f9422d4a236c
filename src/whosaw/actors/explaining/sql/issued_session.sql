-- 1: this very token or session was issued to this person and had not ended. 2: it was issued to somebody else, later, or had ended (3
-- where logins may all have to be later by hours at which it holds). 4: nobody was issued it, so no other reason to look can hold either.
-- 3: cannot tell, as where it may have been issued while logins are missing. 0: who asked is on record as staff or as a job, which read
-- other people with sessions of their own: other explanations look at these.
WITH
issued AS (
    SELECT token AS pass, true AS is_token, subject AS person, time, ended FROM logins SEMI JOIN views USING (token)
    UNION ALL SELECT session, false, subject, time, ended FROM logins SEMI JOIN views USING (session)
),
held AS (
    SELECT pass, is_token, person, min(time) AS starts, CASE WHEN max(ended) >= max(time) THEN max(ended) END AS ends
    FROM issued WHERE person IS NOT NULL GROUP BY pass, is_token, person HAVING min(time) IS NOT NULL
),
known AS (SELECT DISTINCT pass, is_token FROM issued WHERE time IS NOT NULL),
others AS (SELECT staff AS principal FROM staff WHERE staff >= 0 UNION SELECT principal FROM services WHERE principal >= 0)
SELECT
    CASE
        WHEN t.starts <= v.time + $1 AND (t.ends IS NULL OR v.time <= t.ends + $1) THEN 1
        WHEN s.starts <= v.time + $1 AND (s.ends IS NULL OR v.time <= s.ends + $1) THEN 1
        WHEN others.principal IS NOT NULL THEN 0
        WHEN NOT ((f.tokens AND v.token IS NOT NULL) OR (f.sessions AND v.session IS NOT NULL)) THEN 3
        WHEN len(list_filter(f.login_shifts, lambda h:
                (t.starts + h <= v.time + $1 AND (t.ends IS NULL OR v.time <= t.ends + h + $1))
                OR (s.starts + h <= v.time + $1 AND (s.ends IS NULL OR v.time <= s.ends + h + $1)))) > 0 THEN 3
        WHEN known_token.pass IS NOT NULL OR known_session.pass IS NOT NULL THEN CASE WHEN v.person IS NULL THEN 3 ELSE 2 END
        WHEN v.time < f.logins_from + f.sessions_last OR v.time > f.logins_until THEN 3
        WHEN len(list_filter(f.missing, lambda h: h.since < v.time AND v.time < h.until + f.sessions_last)) > 0 THEN 3
        ELSE 4
    END::UTINYINT AS answer
FROM views AS v JOIN day_facts AS f USING (day)
LEFT JOIN held AS t ON t.is_token AND t.pass = v.token AND t.person = v.person
LEFT JOIN held AS s ON NOT s.is_token AND s.pass = v.session AND s.person = v.person
LEFT JOIN known AS known_token ON known_token.is_token AND known_token.pass = v.token
LEFT JOIN known AS known_session ON NOT known_session.is_token AND known_session.pass = v.session
LEFT JOIN others ON others.principal = v.principal
ORDER BY v.place
