-- Views of the wanted actors, each actor's in order of time. A client's stand-in for people not named is from 2**31 on.
-- A view whose sign was known only later counts from then on.
SELECT actor, {time} AS time, coalesce(v.person, u.person)::BIGINT AS person, {sign} AND {counted} AS signed
FROM {acting} AS v SEMI JOIN wanted_actors USING (actor)
LEFT JOIN detect_unnamed AS u ON u.client = v.client AND v.person IS NULL
WHERE {sign} IS NOT NULL
ORDER BY actor, {time}
