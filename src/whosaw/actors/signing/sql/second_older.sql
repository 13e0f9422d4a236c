-- Views of days long ago by what is told of their pass and device only on later days.
SELECT o.day, o.position, o.time, s.told, s.known, s.today
FROM sign_older AS o JOIN sign_second AS s
    ON s.kind = o.pass_kind AND s.pass = o.pass AND s.agent = o.agent AND s.network = o.network
    AND s.told > o.day AND s.told <= o.day + {days} AND s.sign AND s.before IS NOT TRUE
