-- How many people of each actor began a visit at each page, and how many people each actor has.
WITH pages AS (
    SELECT actor, page, count(DISTINCT person) AS people FROM detect_entries JOIN {actors} USING (client) GROUP BY actor, page
),
whole AS (SELECT actor, count(DISTINCT person) AS people FROM detect_entries JOIN {actors} USING (client) GROUP BY actor)
SELECT actor, page, pages.people, whole.people AS every
FROM pages JOIN whole USING (actor) WHERE whole.people >= ? ORDER BY actor, page
