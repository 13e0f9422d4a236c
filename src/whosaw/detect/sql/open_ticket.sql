-- 1: employed then, and a ticket of this person was open with this agent. 2: not employed, or no such ticket.
-- 3: no staff or ticket table, or the log does not say who asked. 0: who asked is not staff.
WITH slack AS (SELECT ?::BIGINT AS micros),
people AS (
    SELECT staff, list({'joined': joined, 'gone': gone}) AS spans
    FROM detect_staff WHERE staff IS NOT NULL GROUP BY staff
),
tickets AS (
    SELECT agent, subject, list({'opened': opened, 'closed': closed}) AS spans
    FROM detect_tickets WHERE agent IS NOT NULL AND subject IS NOT NULL GROUP BY agent, subject
)
SELECT
    input.*,
    CASE
        WHEN NOT given.staff OR input.principal IS NULL THEN 3
        WHEN people.staff IS NULL THEN 0
        WHEN len(list_filter(people.spans, lambda s:
            (s.joined IS NULL OR s.joined <= input.time) AND (s.gone IS NULL OR input.time < s.gone))) = 0 THEN 2
        WHEN NOT given.tickets OR input.person IS NULL THEN 3
        WHEN len(list_filter(tickets.spans, lambda s:
            s.opened <= input.time + slack.micros
            AND (s.closed IS NULL OR input.time <= s.closed + slack.micros))) > 0 THEN 1
        ELSE 2
    END::UTINYINT AS answer
FROM input CROSS JOIN slack CROSS JOIN detect_given AS given
LEFT JOIN people ON people.staff = input.principal
LEFT JOIN tickets ON tickets.agent = input.principal AND tickets.subject = input.person
