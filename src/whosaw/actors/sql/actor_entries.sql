-- Views of the wanted actors' visits, each actor's in order of time, and whether the visit began at the page asked about.
SELECT v.actor, v.time, v.person::BIGINT AS person, e.page = w.page AND {counted} AS signed
FROM {acting} AS v JOIN wanted_actors AS w ON w.actor = v.actor
JOIN detect_entries AS e ON e.client = v.client AND e.person = v.person
ORDER BY v.actor, v.time
