-- Addresses where as many people have views that are explained ({explained}) as bear the sign are somebody's: one sign more there may be
-- theirs. Those who share it are flagged by the address itself, or not at all.
WITH homes AS (
    SELECT address, count(DISTINCT person) AS people FROM detect_all WHERE address IS NOT NULL AND ({explained}) GROUP BY address
),
signed AS (
    SELECT address, count(DISTINCT coalesce(v.person, u.person)) AS people
    FROM detect_all AS v SEMI JOIN homes USING (address)
    LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE v.{sign} GROUP BY address
)
SELECT address FROM homes JOIN signed USING (address) WHERE homes.people >= signed.people
