-- name: dashboard
SELECT
    %(now)s::timestamptz AS at,
    (SELECT count(*) FROM cases WHERE case_is_open(state)) AS open_cases,
    (SELECT count(*) FROM cases
     WHERE case_is_open(state)
       AND (overdue_at IS NOT NULL OR due_at < %(now)s)) AS overdue,
    (SELECT count(*) FROM cases WHERE filed_at >= %(midnight)s) AS filed_today,
    (SELECT count(*) FROM cases
     WHERE state = 'CLOSED' AND closed_at >= %(midnight)s) AS closed_today,
    (SELECT count(*) FROM cases
     WHERE state = 'CLOSED' AND closed_at >= %(midnight)s
       AND closed_at <= due_at) AS closed_in_time_today,
    (SELECT count(*) FROM waiting_signal) AS signals_waiting,
    (SELECT count(*) FROM command WHERE command_is_active(state)) AS commands_active,
    (SELECT count(*) FROM video_session WHERE state = 'live') AS videos_live,
    d.terminals_total, d.terminals_online, d.cameras_total, d.cameras_online, d.edges_total,
    d.edges_online
FROM (
    SELECT
        count(*) FILTER (WHERE kind = 'terminals') AS terminals_total,
        count(*) FILTER (WHERE kind = 'terminals' AND presence = 'online') AS terminals_online,
        count(*) FILTER (WHERE kind = 'cameras') AS cameras_total,
        count(*) FILTER (WHERE kind = 'cameras' AND presence = 'online') AS cameras_online,
        count(*) FILTER (WHERE kind = 'edges') AS edges_total,
        count(*) FILTER (WHERE kind = 'edges' AND presence = 'online') AS edges_online
    FROM device
) d;
