-- 1: employed then, on shift, in a role for this page, and a ticket of this person was open with this agent. 2: one of these
-- is on record and does not hold. 3: no staff or ticket table, or the table is empty or begins with a ticket that was opened later, the log does
-- not say who asked or of whom, a ticket fits only where all are later by hours by which they may have to be, or a rota or a list of roles that is given says nothing of this agent. 0: who asked is not staff.
WITH slack AS (SELECT ?::BIGINT AS micros),
people AS (
    SELECT staff, list({'joined': joined, 'gone': gone, 'role': lower(trim(role))}) AS spans
    FROM detect_staff WHERE staff IS NOT NULL GROUP BY staff
),
tickets AS (
    SELECT agent, subject, list({'opened': opened, 'closed': closed}) AS spans
    FROM detect_tickets WHERE agent IS NOT NULL AND subject IS NOT NULL GROUP BY agent, subject
),
begun AS (SELECT min(opened) AS first_opened FROM detect_tickets),
shifts AS (SELECT staff, list({'starts': starts, 'ends': ends}) AS spans FROM detect_shifts WHERE staff >= 0 GROUP BY staff),
roles AS (
    SELECT list({'role': lower(trim(role)), 'route': routes.route, 'any_route': detect_roles.route IS NULL}) AS each
    FROM detect_roles LEFT JOIN routes ON routes.id = detect_roles.route
),
employed AS (
    SELECT
        input.*, slack.micros AS slack, people.staff AS who, tickets.spans AS tickets, shifts.spans AS shifts, roles.each AS roles,
        list_filter(people.spans, lambda s:
            (s.joined IS NULL OR s.joined <= input.time) AND (s.gone IS NULL OR input.time < s.gone)) AS jobs
    FROM input CROSS JOIN slack CROSS JOIN roles
    LEFT JOIN people ON people.staff = input.principal
    LEFT JOIN tickets ON tickets.agent = input.principal AND tickets.subject = input.person
    LEFT JOIN shifts ON shifts.staff = input.principal
),
told AS (
    SELECT
        employed.* EXCLUDE (tickets, shifts, roles),
        len(list_filter(employed.tickets, lambda s: len(list_filter(may_be.shifts, lambda h:
            s.opened + h <= employed.time + employed.slack
            AND (s.closed IS NULL OR employed.time <= s.closed + h + employed.slack))) > 0)) > 0 AS elsewhen,
        coalesce(employed.time + employed.slack < begun.first_opened, true) AS before_tickets,
        len(list_filter(employed.tickets, lambda s:
            s.opened <= employed.time + employed.slack
            AND (s.closed IS NULL OR employed.time <= s.closed + employed.slack))) > 0 AS open_ticket,
        CASE WHEN given.shifts THEN len(list_filter(employed.shifts, lambda s:
            s.starts <= employed.time + employed.slack AND employed.time < s.ends + employed.slack)) > 0
            ELSE true END AS on_shift,
        CASE
            WHEN NOT given.roles THEN true
            WHEN len(list_filter(jobs, lambda j: j.role IS NOT NULL)) = 0 THEN NULL
            ELSE len(list_filter(jobs, lambda j: len(list_filter(employed.roles, lambda r:
                r.role = j.role AND (r.any_route OR coalesce(r.route = employed.route, false)))) > 0)) > 0
        END AS in_role
    FROM employed CROSS JOIN detect_given AS given CROSS JOIN begun CROSS JOIN detect_ticket_shifts AS may_be
)
SELECT
    told.* EXCLUDE (slack, who, jobs, open_ticket, on_shift, in_role, before_tickets, elsewhen),
    CASE
        WHEN given.no_staff THEN 0
        WHEN NOT given.staff OR principal IS NULL THEN 3
        WHEN who IS NULL THEN 0
        WHEN len(jobs) = 0 OR NOT on_shift OR NOT in_role THEN 2
        WHEN NOT given.tickets OR person IS NULL THEN 3
        WHEN (before_tickets OR elsewhen) AND open_ticket IS NOT TRUE THEN 3
        WHEN open_ticket IS NOT TRUE THEN 2
        WHEN on_shift IS NULL OR in_role IS NULL THEN 3
        ELSE 1
    END::UTINYINT AS answer
FROM told CROSS JOIN detect_given AS given
