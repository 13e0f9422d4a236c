-- All views of the marked clients, with their marks.
SELECT v.* EXCLUDE (principal, session, token, network, agent, "key", tls), m.mark
FROM detect_all AS v JOIN detect_marks AS m USING (client)
