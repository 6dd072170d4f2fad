-- name: dashboard
SELECT
    %(now)s::timestamptz AS at,
    (SELECT count(*) FROM cases c WHERE case_is_open(state)
     AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)) AS open_cases,
    (SELECT count(*) FROM cases c
     WHERE case_is_open(state)
       AND overdue_at IS NOT NULL
       AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)) AS overdue,
    (SELECT count(*) FROM cases c WHERE filed_at >= %(midnight)s
     AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)) AS filed_today,
    (SELECT count(*) FROM cases c
     WHERE state = 'CLOSED' AND closed_at >= %(midnight)s
       AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)) AS closed_today,
    (SELECT count(*) FROM cases c
     WHERE state = 'CLOSED' AND closed_at >= %(midnight)s
       AND closed_at <= due_at
       AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)) AS closed_in_time_today,
    (SELECT count(*) FROM waiting_signal JOIN signal s USING (signal_id)
     WHERE signal_is_visible(s, %(scope_units)s, %(scope_territories)s)) AS signals_waiting,
    (SELECT count(*) FROM signal s WHERE state IN ('new', 'verifying') AND accept_late_at IS NOT NULL
     AND signal_is_visible(s, %(scope_units)s, %(scope_territories)s)) AS signals_late,
    (SELECT count(*) FROM cases c WHERE case_is_open(state) AND state <> 'JOINT_STUDY' AND lead_unit IS NULL
     AND dispatch_late_at IS NOT NULL AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)) AS dispatch_late,
    (SELECT count(*) FROM command m WHERE command_is_active(state)
     AND command_is_visible(m, %(scope_units)s, %(scope_territories)s)) AS commands_active,
    (SELECT count(*) FROM video_session v WHERE state = 'live'
     AND video_is_visible(v, %(scope_units)s, %(scope_territories)s)) AS videos_live,
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
    FROM device d WHERE device_is_visible(d, %(scope_units)s, %(scope_territories)s)
) d;
