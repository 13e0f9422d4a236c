-- Clients in groups of the actor's with explained views that no finding counts, whose sessions were opened as some of his were.
INSERT INTO scope_borrowed
SELECT t.client, t.explained FROM scope_outside AS t SEMI JOIN open_groups USING ({using})
JOIN scope_opened AS o ON o.client = t.client ANTI JOIN scope_borrowed AS b ON b.client = t.client
WHERE t.explained > 0 AND (
    o.home IS NULL OR o.home IN (SELECT home FROM scope_uses WHERE home IS NOT NULL)
    OR NOT EXISTS (SELECT 1 FROM scope_uses WHERE home IS NOT NULL)
)
