-- One mark for each set of parts that clients have.
CREATE OR REPLACE TEMP TABLE detect_sets AS
SELECT {names}, (row_number() OVER (ORDER BY {names}))::INTEGER AS mark FROM (SELECT DISTINCT {names} FROM detect_parted);

CREATE OR REPLACE TEMP TABLE detect_marks AS
SELECT {columns}, s.mark FROM detect_parted AS c JOIN detect_sets AS s USING ({names});

CREATE OR REPLACE TEMP TABLE detect_mark_parts AS
SELECT * FROM (SELECT mark, unnest([{names}]) AS part FROM detect_sets) WHERE part > 0;
