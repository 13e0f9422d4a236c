-- Take out of a flagged crowd the marks that no other detector's flag has.
DELETE FROM detect_mark_hits WHERE hit = ? AND mark NOT IN (
    WITH sure AS (
        SELECT DISTINCT h.mark FROM detect_mark_hits AS h JOIN kinds AS k USING (hit)
        WHERE NOT k.crowd AND k.detector <> (SELECT detector FROM kinds WHERE hit = ?)
    )
    SELECT mark FROM sure
)
