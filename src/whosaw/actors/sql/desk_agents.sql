-- Of how many people each agent saw the data, and for how many of them no ticket was open, however many of these hours later tickets are.
SELECT agent, count(*) AS people, count(*) FILTER (lacks) AS lacking FROM (
    SELECT agent, person, bool_or(NOT list_has_any(fits, list_concat([0], ?::BIGINT[]))) AS lacks FROM detect_desk GROUP BY agent, person
) GROUP BY agent ORDER BY agent
