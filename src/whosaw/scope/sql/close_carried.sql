SELECT c.client, <<numbered: c."@">>, p.program FROM clients AS c
LEFT JOIN scope_programs AS p
    ON <<clear: p."@" IS NOT DISTINCT FROM c."@" | AND>>
