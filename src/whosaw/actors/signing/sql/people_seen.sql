-- Who was seen in which hour through which address and user agent, each once.
SELECT DISTINCT address, agent, person, time // 3600000000 AS hour FROM sign_views WHERE day >= {first} - 2
