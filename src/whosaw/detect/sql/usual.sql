-- Of the people who share their address with others, most of whom do not bear the sign: how many bear it, and how many there are.
-- Where the sign comes from an explanation, unexplained views without it are left out: somebody who reads thousands by
-- other means says nothing of what is usual. Nor do the many whom one token or session read: they count as one.
WITH people AS (
    SELECT address, coalesce(v.person, u.person)::BIGINT AS who, bool_or({sign}) AS signed, min(v.client) AS client
    FROM detect_views AS v LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE {sign} IS NOT NULL AND address IS NOT NULL AND ({sign} OR {honest}) GROUP BY address, who
),
parties AS (
    SELECT address, signed, CASE WHEN bare.client IS NULL THEN people.client ELSE -1 - who END AS party
    FROM people LEFT JOIN (SELECT client FROM clients WHERE token IS NULL AND session IS NULL) AS bare USING (client)
),
addresses AS (
    SELECT count(DISTINCT party) FILTER (signed) AS signed, count(DISTINCT party) FILTER (NOT signed) AS others
    FROM parties GROUP BY address
)
SELECT
    coalesce(sum(signed) FILTER (others >= greatest(signed, 1)), 0)::BIGINT AS signed,
    (coalesce(sum(signed) FILTER (others >= greatest(signed, 1)), 0)
        + coalesce(sum(others) FILTER (others - 1 > signed), 0))::BIGINT AS people
FROM addresses
