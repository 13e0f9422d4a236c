-- Clients of one chosen finding that counts every view of theirs. held: false where honest people live and no record proves
-- views, and of findings that are not surely his.
SELECT k.client, k.program, k.address, k.network, k.held AS views,
    n.sure AND (s.network IS NULL OR ({but_proven} AND k.proven)) AS held
FROM scope_cast AS k JOIN chosen_nodes AS n ON n.node = k.node
LEFT JOIN shared_places AS s ON s.network = coalesce(k.network, -1)
WHERE k.whole AND k.single
