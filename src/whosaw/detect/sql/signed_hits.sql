-- Of each flagged actor's clients, those with a view that bears the sign (and, where it says so, at no honest address).
INSERT INTO detect_hits
WITH signed AS (
    SELECT address, count(DISTINCT coalesce(v.person, u.person)) AS people
    FROM detect_all AS v LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE v.{sign} AND address IS NOT NULL GROUP BY address
),
homes AS (SELECT address FROM detect_homes JOIN signed USING (address) WHERE detect_homes.people >= signed.people)
SELECT DISTINCT f.hit, v.client
FROM flagged AS f JOIN {actors} AS a USING (actor) JOIN detect_all AS v USING (client)
WHERE v.{sign} AND {strangers}
