-- What count_unnamed says of some rows each, added up.
SELECT route, part, source, held, hour, sum(views)::BIGINT AS views, min(first) AS first, max(last) AS last,
       sum(subjects)::BIGINT AS subjects, sum(people)::BIGINT AS people, max(most) AS most,
       sum(open_subjects)::BIGINT AS open_subjects, sum(open_people)::BIGINT AS open_people
FROM rows GROUP BY route, part, source, held, hour ORDER BY ALL
