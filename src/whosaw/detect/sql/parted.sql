-- Each client's parts in the flags, side by side.
CREATE OR REPLACE TEMP TABLE detect_parted AS
SELECT {columns}, {parts} FROM (SELECT *, {numbers} FROM detect_clients) AS c {joins} WHERE greatest({picked}) > 0
