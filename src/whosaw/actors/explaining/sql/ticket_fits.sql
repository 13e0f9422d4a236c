-- Looks of staff on record, while they worked here and once tickets were on record, at people whom the log names; `fits`: by how many whole
-- hours all tickets would have to be later for one of this person to be open with this agent then, a bit each. `begun`: by day, when the first
-- ticket of all was opened.
WITH
people AS (SELECT staff, list({'joined': joined, 'gone': gone}) AS spans FROM staff WHERE staff >= 0 GROUP BY staff),
looks AS (
    SELECT DISTINCT v.day, v.principal AS agent, v.person, v.time
    FROM views AS v JOIN people ON people.staff = v.principal JOIN begun USING (day)
    WHERE v.person IS NOT NULL AND v.time + $1 >= begun.first_opened
        AND len(list_filter(people.spans, lambda s: (s.joined IS NULL OR s.joined <= v.time) AND (s.gone IS NULL OR v.time < s.gone))) > 0
),
fitting AS (
    SELECT l.agent, l.person, l.time, list_distinct(flatten(list(range(
        greatest(coalesce(ceil((l.time - $1 - t.closed) / 3600000000), -$2), -$2)::BIGINT,
        least(floor((l.time + $1 - t.opened) / 3600000000), $2)::BIGINT + 1)))) AS fits
    FROM looks AS l JOIN tickets AS t ON t.agent = l.agent AND t.subject = l.person GROUP BY l.agent, l.person, l.time
)
SELECT
    l.day, l.agent, l.person,
    coalesce(list_sum(list_transform(f.fits, lambda h: 1::BIGINT << (h + $2)::BIGINT)), 0)::BIGINT AS fits, count(*) AS looks
FROM looks AS l LEFT JOIN fitting AS f USING (agent, person, time)
GROUP BY ALL ORDER BY ALL
