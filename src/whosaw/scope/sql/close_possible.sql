-- Clients with loose views in groups that the actor shares with others.
INSERT INTO scope_possible
SELECT t.client FROM scope_outside AS t SEMI JOIN open_groups USING ({using})
ANTI JOIN scope_possible AS p ON p.client = t.client ANTI JOIN scope_joined AS j ON j.client = t.client
WHERE t.unexplained + t.cannot_tell > 0
