-- Take out of a flag that several members of staff share those of them who are flagged by name, but for its owner; of one that is gone, all.
DELETE FROM detect_mark_hits WHERE (mark, hit) IN (
    SELECT d.mark, d.hit
    FROM detect_mark_hits AS d JOIN shared_desks AS s USING (hit) JOIN detect_mark_hits AS n ON n.mark = d.mark
    JOIN named_flags AS f ON f.hit = n.hit
    WHERE f.staff IS DISTINCT FROM s.owner
    UNION
    SELECT d.mark, d.hit FROM detect_mark_hits AS d JOIN shared_desks AS s USING (hit) WHERE s.gone
)
