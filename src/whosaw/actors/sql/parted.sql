-- Each client's parts in the flags, side by side; of clients from $1 to before $2, for the parts of all of a country's do not
-- fit into memory beside each other.
SELECT {columns}, {parts}
FROM (SELECT *, {numbers} FROM detect_clients WHERE client >= $1 AND client < $2) AS c {joins}
WHERE greatest({picked}) > 0
