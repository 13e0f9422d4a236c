-- How old the session behind a view is, where it is on record: the age that 19 of 20 views do not pass.
-- Older ones look as if never issued for a while; detectors that count such views ask for a share of them, too.
WITH issued AS (
    SELECT client, coalesce(t.starts, s.starts) AS starts
    FROM clients
    LEFT JOIN detect_known_tokens AS t ON t.token = clients.token
    LEFT JOIN detect_known_sessions AS s ON s.session = clients.session
    WHERE t.token IS NOT NULL OR s.session IS NOT NULL
)
SELECT quantile_disc(greatest(epoch_us(v.time) - issued.starts, 0), 0.95) AS lasts
FROM views AS v JOIN issued USING (client) WHERE NOT v.duplicate
