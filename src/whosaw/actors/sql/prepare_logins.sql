-- One row per issued token (or session) and subject. A later issue of an ended one opens it again.
CREATE OR REPLACE TEMP TABLE detect_issued_tokens AS
SELECT
    token, subject AS person, min(time) AS starts,
    CASE WHEN max(ended) >= max(time) THEN max(ended) END AS ends
FROM detect_logins WHERE token IS NOT NULL AND subject IS NOT NULL
GROUP BY token, subject HAVING min(time) IS NOT NULL;

CREATE OR REPLACE TEMP TABLE detect_known_tokens AS
SELECT token, min(time) AS starts FROM detect_logins WHERE token IS NOT NULL AND time IS NOT NULL GROUP BY token;

CREATE OR REPLACE TEMP TABLE detect_issued_sessions AS
SELECT
    session, subject AS person, min(time) AS starts,
    CASE WHEN max(ended) >= max(time) THEN max(ended) END AS ends
FROM detect_logins WHERE session IS NOT NULL AND subject IS NOT NULL
GROUP BY session, subject HAVING min(time) IS NOT NULL;

CREATE OR REPLACE TEMP TABLE detect_known_sessions AS
SELECT session, min(time) AS starts FROM detect_logins WHERE session IS NOT NULL AND time IS NOT NULL GROUP BY session;
