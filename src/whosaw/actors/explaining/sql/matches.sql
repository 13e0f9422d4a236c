-- By day, whether any token and any session of a view is one that a login names, and any key one that the table of keys knows.
SELECT
    v.day, bool_or(t.token IS NOT NULL) AS tokens, bool_or(s.session IS NOT NULL) AS sessions, bool_or(k."key" IS NOT NULL) AS keys
FROM views AS v
LEFT JOIN (SELECT DISTINCT token FROM logins WHERE token >= 0) AS t ON t.token = v.token
LEFT JOIN (SELECT DISTINCT session FROM logins WHERE session >= 0) AS s ON s.session = v.session
LEFT JOIN (SELECT DISTINCT "key" FROM keys WHERE "key" >= 0) AS k ON k."key" = v."key"
GROUP BY v.day ORDER BY v.day
