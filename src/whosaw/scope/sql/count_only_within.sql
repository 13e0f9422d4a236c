-- Persons all of whose held views lie in one source within two days, by source, first and last hour.
SELECT low AS source, first, last, count(*) AS persons
FROM count_people WHERE held AND low = high AND last - first < 48
GROUP BY low, first, last
