-- Through the same place ({place}, which is an address, or any) and user agent, in the same hour of the clock or one beside it, somebody
-- guessed numbers. A view bears the sign where {alike}.
SELECT c.*, CASE WHEN {known} THEN many.hour IS NOT NULL AND {alike} END AS sign, many.known_at
FROM input AS c
LEFT JOIN {table} AS many ON many.place = {place} AND many.agent IS NOT DISTINCT FROM c.agent AND many.hour = c.time // 3600000000
