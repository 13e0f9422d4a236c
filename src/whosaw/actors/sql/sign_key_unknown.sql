-- The table of keys does not know the key behind the view, though it knows others that the log shows.
WITH keys AS (SELECT DISTINCT "key" FROM detect_keys WHERE "key" IS NOT NULL),
met AS (SELECT count(*) AS keys FROM (SELECT DISTINCT "key" FROM clients WHERE "key" IS NOT NULL) SEMI JOIN keys USING ("key"))
SELECT input.*, CASE WHEN input."key" IS NULL OR met.keys = 0 THEN NULL ELSE keys."key" IS NULL END AS sign
FROM input CROSS JOIN met LEFT JOIN keys ON keys."key" = input."key"
