-- Seen by a client that did little ({little}) and nothing but ask for people, around a time at which such clients guessed numbers, each a few and
-- wherever they were. Only of what has a user agent: a program that speaks to a database does nothing else.
SELECT
    v.*,
    CASE WHEN v.agent IS NOT NULL THEN many.slot IS NOT NULL AND brief.client IS NOT NULL END AS sign,
    many.known_at
FROM input AS v
LEFT JOIN (SELECT client FROM detect_clients AS c WHERE {little}) AS brief ON brief.client = v.client
LEFT JOIN {table} AS many ON many.slot = v.time // {slot}
