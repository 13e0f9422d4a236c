-- Of each flagged actor's clients, as a part, those with a view that bears the sign (and, where it says so, at no honest address).
WITH signed AS (
    SELECT address, count(DISTINCT coalesce(v.person, u.person)) AS people
    FROM detect_all AS v LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE v.{sign} AND address IS NOT NULL GROUP BY address
),
homes AS (SELECT address FROM detect_homes JOIN signed USING (address) WHERE detect_homes.people >= signed.people)
SELECT a.client, f.part
FROM asked AS f JOIN {actors} AS a USING (actor)
SEMI JOIN (SELECT client FROM detect_all AS v WHERE v.{sign} AND {strangers}) AS borne ON borne.client = a.client
