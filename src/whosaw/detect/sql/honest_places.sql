-- Addresses where as many people have explained views as bear the sign are somebody's: one sign more there may be theirs. Those who
-- share it are flagged by the address itself, or not at all.
SELECT address FROM detect_homes JOIN (
    SELECT address, count(DISTINCT coalesce(v.person, u.person)) AS people
    FROM detect_all AS v SEMI JOIN detect_homes USING (address)
    LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
    WHERE v.{sign} GROUP BY address
) AS signed USING (address)
WHERE detect_homes.people >= signed.people
