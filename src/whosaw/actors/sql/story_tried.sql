-- What the explanations answered about all views of the story's clients, also those they set aside.
SELECT story, {answers} FROM detect_story_views GROUP BY story
