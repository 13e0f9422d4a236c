-- Requests of clients all of whose views belong to the actor: those that are no views, and of these the failed tries.
SELECT sum(events)::BIGINT AS events, count(*) FILTER (events IS NULL) AS tries
FROM (SELECT client, events - views AS events FROM activity UNION ALL SELECT client, NULL FROM tries)
SEMI JOIN (SELECT client FROM scope_clients WHERE all_views) USING (client)
