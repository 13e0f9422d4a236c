SELECT hit, places[n].segment AS segment, places[n].line AS line
FROM (
    SELECT hit, min({{'time': time, 'segment': segment, 'line': line}}, {most}) AS places FROM sigma_hits GROUP BY hit
), range(1, {most} + 1) AS numbers(n)
WHERE n <= len(places) ORDER BY hit, n
