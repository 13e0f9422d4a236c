-- The lines of each story's counted views, equal ones side by side; what is true of any row of a line is true of the line.
-- Of a view that is only possible it cannot be told whether anything has to explain it.
SELECT
    story::INTEGER AS story, content::INTEGER AS content, line::BIGINT AS line,
    CASE WHEN person IS NULL THEN 1 ELSE 0 END + CASE WHEN answer = {unexplained} AND unsure = 0 THEN 2 ELSE 0 END
        + CASE WHEN answer IN ({unexplained}, {cannot_tell}) THEN 4 ELSE 0 END
        + CASE WHEN unsure & {spelled} <> 0 THEN 8 WHEN unsure & {twin} <> 0 THEN 16 ELSE 0 END AS flags,
    {kinds}
FROM detect_story_views LEFT JOIN detect_kinds USING (route)
WHERE counted
ORDER BY story, content, line
