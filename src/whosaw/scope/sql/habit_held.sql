ALTER TABLE scope_outside ADD COLUMN habit VARCHAR;
UPDATE scope_outside SET habit = h.habit FROM scope_habits AS h JOIN scope_pairs AS p USING (pair)
WHERE p.address = scope_outside.address AND p.agent = scope_outside.agent;
CREATE OR REPLACE TEMP TABLE scope_habit_held AS
SELECT h.habit, b.node, sum(b.held)::BIGINT AS held FROM scope_base AS b JOIN scope_pairs AS p USING (address, agent)
JOIN scope_habits AS h USING (pair) GROUP BY h.habit, b.node;
