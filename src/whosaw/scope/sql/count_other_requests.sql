-- Requests of clients all of whose views belong to the actor: those that are no views, and of these the failed tries.
SELECT (SELECT sum(a.events - a.views) FROM activity a JOIN scope_clients c USING (client) WHERE c.all_views) AS events,
       (SELECT count(*) FROM tries t JOIN scope_clients c USING (client) WHERE c.all_views) AS tries
