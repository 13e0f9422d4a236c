-- Somebody who works here looked at a person of whom no ticket was open with them.
SELECT input.*, CASE {answer} WHEN 2 THEN true WHEN 1 THEN false END AS sign FROM input
