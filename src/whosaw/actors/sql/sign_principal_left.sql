-- Whoever the request claims to be worked here, and no longer did.
WITH slack AS (SELECT ?::BIGINT AS micros),
people AS (SELECT staff, list({{'joined': joined, 'gone': gone}}) AS spans FROM detect_staff WHERE staff >= 0 GROUP BY staff)
SELECT
    input.*,
    CASE
        WHEN people.staff IS NULL THEN NULL
        ELSE len(list_filter(people.spans, lambda s:
            (s.joined IS NULL OR s.joined <= input.time + slack.micros)
            AND (s.gone IS NULL OR input.time < s.gone + slack.micros))) = 0
    END AS sign
FROM input CROSS JOIN slack LEFT JOIN people ON people.staff = input.principal
