-- Views with their answers and with the text of their key, which is what tables of keys are asked for.
SELECT v.* EXCLUDE ("key"), k.text AS "key", a.answers
FROM views_in_hand AS v
LEFT JOIN answers_in_hand AS a USING (day, position)
LEFT JOIN key_texts AS k ON k."key" = v."key"
