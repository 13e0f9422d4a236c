-- Clients in numbers. `key_text` is what tables of keys are asked for.
SELECT
    c.client, <<numbered: c."@">>, <<clear: @_of.number AS "@">>,
    c."key" AS key_text
FROM clients AS c
<<clear: LEFT JOIN detect_@_numbers AS @_of ON @_of."@" = c."@" |>>
