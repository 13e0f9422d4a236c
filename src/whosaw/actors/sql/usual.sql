-- At addresses that several people share, not all of whom bear the sign: how many bear it, how many do not, and at how many
-- addresses that is so.
-- Where the sign comes from an explanation, unexplained views without it are left out: somebody who reads thousands by
-- other means says nothing of what is usual. Nor do the many whom one token or session read: they count as one.
-- Where nobody is without it, as at an attacker's own address, nothing is to be counted.
WITH mixed AS (
    SELECT address FROM detect_views
    WHERE {sign} IS NOT NULL AND address IS NOT NULL AND ({sign} OR {honest}) GROUP BY address HAVING NOT bool_and({sign})
),
people AS (
    SELECT address, coalesce(v.person, u.person)::BIGINT AS who, bool_or({sign}) AS signed, min(v.client) AS client,
        arg_min(v.token IS NULL AND v.session IS NULL, v.client) AS bare
    FROM detect_views AS v SEMI JOIN mixed USING (address) LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE {sign} IS NOT NULL AND address IS NOT NULL AND ({sign} OR {honest}) GROUP BY address, who
),
parties AS (SELECT address, signed, CASE WHEN bare THEN -1 - who ELSE client END AS party FROM people),
addresses AS (
    SELECT count(DISTINCT party) FILTER (signed) AS signed, count(DISTINCT party) FILTER (NOT signed) AS others
    FROM parties GROUP BY address
)
SELECT signed::BIGINT AS signed, others::BIGINT AS others, count(*) AS places FROM addresses GROUP BY ALL ORDER BY ALL
