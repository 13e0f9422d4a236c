SELECT story, places[n].content AS content, places[n].line AS line
FROM (
    SELECT story, min({{'time': time, 'content': content, 'line': line}}, {most}) AS places
    FROM detect_story_views
    WHERE counted
    GROUP BY story
), range(1, {most} + 1) AS numbers(n)
WHERE n <= len(places) ORDER BY story, n
