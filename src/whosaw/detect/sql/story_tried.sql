-- What one explanation answered about all views of the story's clients, also those it set aside.
SELECT
    story,
    count(*) FILTER ({answer} = 1) AS explained,
    count(*) FILTER ({answer} IN (2, 4)) AS unexplained,
    count(*) FILTER ({answer} = 3) AS cannot_tell,
    count(*) FILTER ({answer} = 0) AS does_not_apply
FROM detect_story_views GROUP BY story
