-- Clients in numbers. `key_text` is what tables of keys are asked for.
SELECT
    c.client, c.address, c.principal, c.session, c.token, c.network, a.number AS agent, k.number AS "key", t.number AS tls,
    c."key" AS key_text
FROM clients AS c
LEFT JOIN detect_agents AS a ON a.agent = c.agent
LEFT JOIN detect_key_numbers AS k ON k."key" = c."key"
LEFT JOIN detect_tls_numbers AS t ON t.tls = c.tls
