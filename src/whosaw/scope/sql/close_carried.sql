SELECT c.client, c.address, c.network, c.principal, c.session, c.token, p.program FROM clients AS c
LEFT JOIN scope_programs AS p
    ON p.agent IS NOT DISTINCT FROM c.agent AND p.tls IS NOT DISTINCT FROM c.tls AND p."key" IS NOT DISTINCT FROM c."key"
