-- Without the clients that other detectors found: how many people of the crowd bear the sign, and of how many it can be told.
WITH crowd AS (SELECT client FROM {actors} WHERE actor = ?),
sure AS (
    SELECT DISTINCT h.mark FROM detect_mark_hits AS h JOIN kinds AS k USING (hit)
    WHERE NOT k.crowd AND k.detector <> (SELECT detector FROM kinds WHERE hit = ?)
),
others AS (
    SELECT client FROM crowd
    ANTI JOIN (SELECT m.client FROM detect_marks AS m SEMI JOIN sure USING (mark)) AS found USING (client)
),
mine AS (
    SELECT m.client FROM detect_marks AS m
    SEMI JOIN (SELECT mark FROM detect_mark_hits WHERE hit = ?) AS marks USING (mark)
)
SELECT
    count(DISTINCT coalesce(v.person, u.person)) FILTER ({borne} AND mine.client IS NOT NULL) AS signed,
    count(DISTINCT coalesce(v.person, u.person)) AS people
FROM detect_all AS v JOIN others USING (client) LEFT JOIN mine USING (client)
LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
WHERE {told}
