-- The table of keys does not know the key behind the view, though as of that day it knows others that the log shows.
WITH keys AS (SELECT DISTINCT "key" FROM detect_keys WHERE "key" IS NOT NULL)
SELECT
    input.*, CASE WHEN input."key" IS NULL OR met.day IS NULL THEN NULL ELSE keys."key" IS NULL END AS sign
FROM input LEFT JOIN sign_keys_met AS met ON met.day = input.day LEFT JOIN keys ON keys."key" = input."key"
