-- How many planted people have a login on record, and how many views of their own they had in sessions that were issued to them.
WITH planted AS (
    SELECT DISTINCT person FROM detect_canaries
    WHERE person >= 0 AND person IN (SELECT subject FROM detect_logins WHERE subject IS NOT NULL)
),
own AS (
    SELECT v.content, v.line
    FROM detect_all AS v SEMI JOIN planted USING (person)
    WHERE EXISTS (FROM detect_issued_tokens AS t WHERE t.token = v.token AND t.person = v.person)
        OR EXISTS (FROM detect_issued_sessions AS s WHERE s.session = v.session AND s.person = v.person)
)
SELECT (SELECT count(*) FROM planted) AS canaries, (SELECT count(*) FROM (SELECT DISTINCT content, line FROM own)) AS views
