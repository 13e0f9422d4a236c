-- shape 1: an instant (offset written, or a number since 1970); 2: a local time, also as 25/Feb/26 10:17 PM; 3: a day.
WITH shaped AS (
    SELECT
        "row", trim(text) AS text,
        CASE
            WHEN regexp_full_match(trim(text), '\d{9,19}(\.\d+)?') THEN 0
            WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}') THEN 3
            WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ].*([zZ]|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})') THEN 1
            WHEN regexp_full_match(trim(text), '\d{4}-\d{2}-\d{2}[T ].*') THEN 2
            WHEN regexp_full_match(trim(text), '\d{1,2}/[A-Za-z]{3}/(\d{4}|\d{2}) \d{1,2}:\d{2}( [AaPp][Mm])?') THEN 4
        END AS shape
    FROM given_times
)
SELECT
    CASE shape WHEN 0 THEN 1 WHEN 4 THEN 2 ELSE shape END AS shape,
    CASE shape
        WHEN 0 THEN CASE
            WHEN TRY_CAST(text AS DOUBLE) >= 1e17 THEN TRY_CAST(text AS BIGINT) // 1000
            WHEN TRY_CAST(text AS DOUBLE) >= 1e14 THEN TRY_CAST(text AS BIGINT)
            WHEN TRY_CAST(text AS DOUBLE) >= 1e11 THEN round(TRY_CAST(text AS DECIMAL(38, 6)) * 1000)::BIGINT
            ELSE round(TRY_CAST(text AS DECIMAL(38, 6)) * 1000000)::BIGINT END
        WHEN 1 THEN epoch_us(TRY_CAST(regexp_replace(text, '([+-]\d{2})(\d{2})$', '\1:\2') AS TIMESTAMPTZ))
        WHEN 2 THEN epoch_us(TRY_CAST(text AS TIMESTAMP))
        WHEN 3 THEN epoch_us(TRY_CAST(text AS TIMESTAMP))
        WHEN 4 THEN epoch_us(try_strptime(
            text, ['%d/%b/%y %I:%M %p', '%d/%b/%Y %I:%M %p', '%d/%b/%y %H:%M', '%d/%b/%Y %H:%M']
        ))
    END AS micros
FROM shaped ORDER BY "row"
