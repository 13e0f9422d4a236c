-- Views of the wanted actors' visits, each actor's in order of time, and whether the visit began at the page asked about.
SELECT w.actor, v.time, v.person::BIGINT AS person, e.page = w.page AND {counted} AS signed
FROM detect_views AS v JOIN {actors} AS a USING (client) JOIN wanted_actors AS w ON w.actor = a.actor
JOIN detect_entries AS e ON e.client = v.client AND e.person = v.person
ORDER BY w.actor, v.time
