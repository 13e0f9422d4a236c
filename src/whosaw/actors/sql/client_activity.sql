-- Clients in numbers, with how many events and views each has, and whether it did nothing but ask for people.
SELECT c.*, a.events, a.views, a.events <= a.views + coalesce(t.tries, 0) AS bare
FROM detect_clients AS c LEFT JOIN activity AS a USING (client)
LEFT JOIN (SELECT client, count(*) AS tries FROM tries GROUP BY client) AS t USING (client)
