-- By day, whether any token and any session of a view is one that a login names.
SELECT
    v.day, bool_or(t.token IS NOT NULL) AS tokens, bool_or(s.session IS NOT NULL) AS sessions
FROM views AS v
LEFT JOIN (SELECT DISTINCT token FROM logins WHERE token >= 0) AS t ON t.token = v.token
LEFT JOIN (SELECT DISTINCT session FROM logins WHERE session >= 0) AS s ON s.session = v.session
GROUP BY v.day ORDER BY v.day
