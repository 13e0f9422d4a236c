-- What is kept of views, counted by stretch and spell; what each address that may take turns did, whoever counts it; and the
-- takers, until they are told.
CREATE OR REPLACE TEMP TABLE scope_turn_loose AS
SELECT client, address, stretch, spell, count(*)::INTEGER AS views FROM scope_turn_loose_rows GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE scope_turn_held AS
SELECT node, address, stretch, spell, count(*)::INTEGER AS views, true AS few FROM scope_turn_few_rows GROUP BY ALL
UNION ALL
SELECT node, address, stretch, spell, count(*)::INTEGER, false FROM scope_turn_most_rows GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE scope_turn_own AS
SELECT address, stretch, spell, sum(views)::BIGINT AS views FROM (
    SELECT address, stretch, spell, views FROM scope_turn_loose
    UNION ALL
    SELECT address, stretch, spell, views FROM scope_turn_held WHERE few AND address IS NOT NULL
) GROUP BY address, stretch, spell;
CREATE OR REPLACE TEMP TABLE scope_turn_takers AS SELECT DISTINCT address, 0::BIGINT AS turns FROM scope_turn_own;
