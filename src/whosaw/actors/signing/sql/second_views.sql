-- Views by what is told of their pass and device: on the day of the view, and on later ones that tell more.
SELECT v."row", s.told, s.sign, s.known, s.today, s.before
FROM sign_views AS v JOIN sign_second AS s
    ON s.kind = v.pass_kind AND s.pass = v.pass AND s.agent = v.agent AND s.network = v.network
    AND (s.told = v.day OR (s.told > v.day AND s.told <= v.day + {days} AND s.sign AND s.before IS NOT TRUE))
