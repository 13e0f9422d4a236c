-- 1: this very token or session was issued to this person and had not ended. 2: it was issued to somebody else,
-- later, or had ended (3 where logins may all have to be later by hours at which it holds). 4: nobody was issued it, so no other reason to look can hold either. 3: cannot tell,
-- as where it may have been issued in a hole of the logins. 0: who asked is on
-- record as staff or as a job, which read other people with sessions of their own: other explanations look at these.
WITH slack AS (SELECT ?::BIGINT AS micros)
SELECT
    input.*,
    CASE
        WHEN t.starts <= input.time + slack.micros AND (t.ends IS NULL OR input.time <= t.ends + slack.micros) THEN 1
        WHEN s.starts <= input.time + slack.micros AND (s.ends IS NULL OR input.time <= s.ends + slack.micros) THEN 1
        WHEN others.principal IS NOT NULL THEN 0
        WHEN NOT ((given.tokens AND input.token IS NOT NULL) OR (given.sessions AND input.session IS NOT NULL)) THEN 3
        WHEN len(list_filter(may_be.shifts, lambda h:
                (t.starts + h <= input.time + slack.micros AND (t.ends IS NULL OR input.time <= t.ends + h + slack.micros))
                OR (s.starts + h <= input.time + slack.micros AND (s.ends IS NULL OR input.time <= s.ends + h + slack.micros)))) > 0
            THEN 3
        WHEN known_token.token IS NOT NULL OR known_session.session IS NOT NULL
            THEN CASE WHEN input.person IS NULL THEN 3 ELSE 2 END
        WHEN input.time < given.logins_from + given.sessions_last OR input.time > given.logins_until THEN 3
        WHEN len(list_filter(missing.holes, lambda h: h.since < input.time AND input.time < h.until + given.sessions_last)) > 0 THEN 3
        ELSE 4
    END::UTINYINT AS answer
FROM input CROSS JOIN slack CROSS JOIN detect_given AS given CROSS JOIN detect_login_shifts AS may_be CROSS JOIN detect_login_holes AS missing
LEFT JOIN detect_issued_tokens AS t ON t.token = input.token AND t.person = input.person
LEFT JOIN detect_issued_sessions AS s ON s.session = input.session AND s.person = input.person
LEFT JOIN detect_known_tokens AS known_token ON known_token.token = input.token
LEFT JOIN detect_known_sessions AS known_session ON known_session.session = input.session
LEFT JOIN detect_not_customers AS others ON others.principal = input.principal
