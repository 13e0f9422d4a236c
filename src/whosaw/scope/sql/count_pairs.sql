-- One row for each person and route: held and possible views, and the most further persons of one response.
CREATE OR REPLACE TEMP TABLE count_pairs AS
SELECT person, route, sum(held)::BIGINT AS held, sum(possible)::BIGINT AS possible, max(extra) AS extra, sum(open)::BIGINT AS open
FROM count_cells GROUP BY person, route
