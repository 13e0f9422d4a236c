-- 1: employed then, on shift, in a role for this page, and a ticket of this person was open with this agent. 2: one of these is on record
-- and does not hold. 3: no staff or ticket table, or the table is empty, not believed, or begins with a ticket that was opened later, the
-- log does not say who asked or of whom, a ticket fits only where all are later by hours by which they may have to be, or a rota or a list
-- of roles that is given says nothing of this agent. 0: who asked is not staff.
WITH
people AS (
    SELECT staff, list({'joined': joined, 'gone': gone, 'role': lower(trim(role))}) AS spans FROM staff WHERE staff IS NOT NULL GROUP BY staff
),
asked AS (SELECT DISTINCT principal AS agent, person AS subject FROM views WHERE principal IS NOT NULL AND person IS NOT NULL),
opened AS (
    SELECT agent, subject, list({'opened': opened, 'closed': closed}) AS spans
    FROM tickets SEMI JOIN asked USING (agent, subject) GROUP BY agent, subject
),
on_duty AS (SELECT staff, list({'starts': starts, 'ends': ends}) AS spans FROM shifts WHERE staff >= 0 GROUP BY staff),
for_pages AS (SELECT list({'role': lower(trim(role)), 'route': route}) AS each FROM roles),
employed AS (
    SELECT
        v.place, v.day, v.time, v.person, v.principal, v.route, p.staff AS who, o.spans AS tickets, d.spans AS shifts, r.each AS roles,
        list_filter(p.spans, lambda s: (s.joined IS NULL OR s.joined <= v.time) AND (s.gone IS NULL OR v.time < s.gone)) AS jobs
    FROM views AS v CROSS JOIN for_pages AS r
    LEFT JOIN people AS p ON p.staff = v.principal
    LEFT JOIN opened AS o ON o.agent = v.principal AND o.subject = v.person
    LEFT JOIN on_duty AS d ON d.staff = v.principal
),
told AS (
    SELECT
        e.place, e.principal, e.person, e.who, e.jobs, given.staff AS has_staff, given.no_staff, f.tickets AS has_tickets,
        len(list_filter(e.tickets, lambda s: len(list_filter(f.ticket_shifts, lambda h:
            s.opened + h <= e.time + $1 AND (s.closed IS NULL OR e.time <= s.closed + h + $1))) > 0)) > 0 AS elsewhen,
        coalesce(e.time + $1 < f.tickets_from, true) AS before_tickets,
        len(list_filter(e.tickets, lambda s: s.opened <= e.time + $1 AND (s.closed IS NULL OR e.time <= s.closed + $1))) > 0 AS open_ticket,
        CASE WHEN given.shifts THEN len(list_filter(e.shifts, lambda s: s.starts <= e.time + $1 AND e.time < s.ends + $1)) > 0
            ELSE true END AS on_shift,
        CASE
            WHEN NOT given.roles THEN true
            WHEN len(list_filter(e.jobs, lambda j: j.role IS NOT NULL)) = 0 THEN NULL
            ELSE len(list_filter(e.jobs, lambda j: len(list_filter(e.roles, lambda r:
                r.role = j.role AND (r.route IS NULL OR coalesce(r.route = e.route, false)))) > 0)) > 0
        END AS in_role
    FROM employed AS e CROSS JOIN given JOIN day_facts AS f USING (day)
)
SELECT
    CASE
        WHEN no_staff THEN 0
        WHEN NOT has_staff OR principal IS NULL THEN 3
        WHEN who IS NULL THEN 0
        WHEN len(jobs) = 0 OR NOT on_shift OR NOT in_role THEN 2
        WHEN NOT has_tickets OR person IS NULL THEN 3
        WHEN (before_tickets OR elsewhen) AND open_ticket IS NOT TRUE THEN 3
        WHEN open_ticket IS NOT TRUE THEN 2
        WHEN on_shift IS NULL OR in_role IS NULL THEN 3
        ELSE 1
    END::UTINYINT AS answer
FROM told ORDER BY place
