SELECT story, places[n].content AS content, places[n].line AS line
FROM (
    SELECT story, min({{'time': time, 'content': content, 'line': line}}, {most}) AS places
    FROM detect_hit_views JOIN detect_stories USING (client)
    WHERE answer = 2 OR (answer = 3 AND NOT only_unexplained)
    GROUP BY story
), range(1, {most} + 1) AS numbers(n)
WHERE n <= len(places) ORDER BY story, n
