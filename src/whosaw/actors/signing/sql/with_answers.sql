-- Views with their answers.
SELECT v.*, a.answers FROM views_in_hand AS v LEFT JOIN answers_in_hand AS a USING (day, position)
