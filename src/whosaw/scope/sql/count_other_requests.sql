-- Requests of clients all of whose views belong to the actor: those that are no views, and of these the failed tries.
SELECT sum(events)::BIGINT AS events, sum(tries)::BIGINT AS tries
FROM (
    SELECT client, events - views AS events, 0 AS tries FROM activity WHERE events <> views
    UNION ALL
    SELECT client, 0, count(*) FROM tries GROUP BY client
)
SEMI JOIN (SELECT client FROM scope_clients WHERE all_views) USING (client)
