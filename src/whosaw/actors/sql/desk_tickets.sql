-- Views that staff on record made, while they worked here and once tickets were on record, of people whom the log names; `fits`: by how
-- many whole hours all tickets would have to be later for one of this person to be open with this agent then.
CREATE OR REPLACE TEMP TABLE detect_desk AS
WITH given AS (SELECT ?::BIGINT AS slack, ?::BIGINT AS most, 3600000000 AS one_hour),
people AS (SELECT staff, list({'joined': joined, 'gone': gone}) AS spans FROM detect_staff WHERE staff >= 0 GROUP BY staff),
begun AS (SELECT min(opened) AS first_opened FROM detect_tickets),
looks AS (
    SELECT DISTINCT c.principal AS agent, v.person, epoch_us(v.time) AS time
    FROM views AS v JOIN detect_clients AS c USING (client) JOIN people ON people.staff = c.principal CROSS JOIN begun CROSS JOIN given
    WHERE NOT v.duplicate AND v.person IS NOT NULL AND epoch_us(v.time) + given.slack >= begun.first_opened
        AND len(list_filter(people.spans, lambda s:
            (s.joined IS NULL OR s.joined <= epoch_us(v.time)) AND (s.gone IS NULL OR epoch_us(v.time) < s.gone))) > 0
),
fitting AS (
    SELECT l.agent, l.person, l.time, list_distinct(flatten(list(range(
        greatest(coalesce(ceil((l.time - given.slack - t.closed) / given.one_hour), -given.most), -given.most)::BIGINT,
        least(floor((l.time + given.slack - t.opened) / given.one_hour), given.most)::BIGINT + 1)))) AS fits
    FROM looks AS l JOIN detect_tickets AS t ON t.agent = l.agent AND t.subject = l.person CROSS JOIN given
    GROUP BY l.agent, l.person, l.time
)
SELECT l.*, coalesce(f.fits, []) AS fits FROM looks AS l LEFT JOIN fitting AS f USING (agent, person, time)
