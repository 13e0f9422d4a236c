-- By client: the page about a person with which its visit began. Only of visits that saw one person: whoever reads several works
-- here, or is found by other means.
CREATE OR REPLACE TEMP TABLE detect_entries AS
WITH seen AS (
    SELECT client, arg_min(route, (time, content, line)) AS route, min(time) AS first, min(person) AS least, max(person) AS most
    FROM detect_all WHERE person IS NOT NULL AND route IS NOT NULL GROUP BY client
),
visits AS (SELECT client, {visit} AS visit FROM detect_clients AS c),
begun AS (
    SELECT visit, arg_min(route, (first, route)) AS page, min(least) AS person
    FROM seen JOIN visits USING (client) GROUP BY visit HAVING min(least) = max(most)
)
SELECT client, page, person FROM visits JOIN begun USING (visit)
