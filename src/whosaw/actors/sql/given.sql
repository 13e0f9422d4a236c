-- What the context can be asked, as one row.
CREATE OR REPLACE TEMP TABLE detect_given AS
SELECT
    ?::BOOLEAN AS tokens, ?::BOOLEAN AS sessions,
    ?::BIGINT AS logins_from, ?::BIGINT AS logins_until, ?::BIGINT AS sessions_last,
    ?::BOOLEAN AS services, ?::BOOLEAN AS staff, ?::BOOLEAN AS tickets,
    ?::BOOLEAN AS shifts, ?::BOOLEAN AS roles, ?::BOOLEAN AS delegations, ?::BOOLEAN AS homes, ?::BOOLEAN AS no_staff
