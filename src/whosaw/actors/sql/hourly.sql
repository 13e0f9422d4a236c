-- Who was seen in which hour through which address and user agent, each once: far fewer rows than views, for all signs that count
-- people around an hour.
SELECT DISTINCT address, agent, person, time // 3600000000 AS hour FROM detect_base
