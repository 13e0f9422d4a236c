-- Clients in numbers, with how many events and views each has.
SELECT c.*, a.events, a.views FROM detect_clients AS c LEFT JOIN activity AS a USING (client)
