-- One row for each named person: the kinds of pages on which held views showed it (bits), whether any view is held, and the
-- source and the hours to which all its held views belong.
CREATE OR REPLACE TEMP TABLE count_people AS
SELECT c.person, bit_or(CASE WHEN c.held > 0 THEN r.bit ELSE 0 END) AS kinds, bool_or(c.held > 0) AS held,
       min(c.first) FILTER (c.held > 0) // 3600000000 AS first, max(c.last) FILTER (c.held > 0) // 3600000000 AS last,
       sum(c.held)::BIGINT AS views, sum(c.possible)::BIGINT AS possible, min(c.first) AS start, max(c.last) AS finish,
       min(c.source) FILTER (c.held > 0) AS low, max(c.source) FILTER (c.held > 0) AS high
FROM count_cells c JOIN count_routes r USING (route)
GROUP BY c.person
