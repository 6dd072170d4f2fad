-- name: insert_session
INSERT INTO video_session (session_id, device_id, case_id, reason, state, created_by, created_at,
                           first_frame_by, ends_at)
VALUES (%(session_id)s, %(device_id)s, %(case_id)s, %(reason)s, 'requested', %(created_by)s,
        %(created_at)s, %(first_frame_by)s, %(ends_at)s)
ON CONFLICT DO NOTHING RETURNING session_id;

-- name: set_command
UPDATE video_session SET command_id = %(command_id)s, ends_at = %(ends_at)s
WHERE session_id = %(session_id)s;

-- name: sessions
SELECT s.session_id, s.device_id, s.case_id, s.reason, s.state, s.command_id,
       s.created_at, s.live_at, s.ends_at, s.ended_at, s.ended_reason,
       (SELECT count(*) FROM video_view v WHERE v.session_id = s.session_id
          AND v.ended_at IS NULL) AS viewers
FROM video_session s
WHERE (%(session_id)s::uuid IS NULL OR s.session_id = %(session_id)s)
  AND (%(case_id)s::bigint IS NULL OR s.case_id = %(case_id)s)
  AND video_is_visible(s, %(scope_units)s, %(scope_territories)s)
ORDER BY s.created_at DESC, s.session_id LIMIT %(limit)s;

-- name: lock_session
SELECT session_id, device_id, case_id, state, command_id, ends_at FROM video_session
WHERE session_id = %s FOR NO KEY UPDATE;

-- name: lock_open_sessions
SELECT s.session_id, s.device_id, s.case_id, s.state, s.command_id, s.ends_at, s.first_frame_by,
       s.last_frame_at, c.state, c.accepted_at
FROM video_session s LEFT JOIN command c USING (command_id)
WHERE video_is_open(s.state)
ORDER BY s.session_id FOR NO KEY UPDATE OF s SKIP LOCKED;

-- name: still_open
SELECT session_id FROM video_session
WHERE session_id = ANY(%s) AND video_is_open(state) AND ends_at > %s;

-- name: note_frame
UPDATE video_session SET last_frame_at = greatest(last_frame_at, %(last_frame_at)s)
WHERE session_id = %(session_id)s AND state = 'live';

-- name: go_live
UPDATE video_session SET state = 'live', live_at = %(now)s, last_frame_at = %(last_frame_at)s
WHERE session_id = %(session_id)s AND state = 'requested';

-- name: end_session
UPDATE video_session SET state = %(state)s, ended_at = %(now)s, ended_reason = %(reason)s
WHERE session_id = %(session_id)s;

-- name: revoke_grants
UPDATE video_grant SET revoked_at = %(now)s
WHERE session_id = %(session_id)s AND revoked_at IS NULL;

-- name: revoke_publish_grants
UPDATE video_grant SET revoked_at = %(now)s
WHERE session_id = %(session_id)s AND direction = 'publish' AND revoked_at IS NULL;

-- name: insert_grant
INSERT INTO video_grant (token_hash, session_id, direction, username, login, granted_at, expires_at)
VALUES (%(token_hash)s, %(session_id)s, %(direction)s, %(username)s, %(login)s, %(granted_at)s,
        %(expires_at)s);

-- name: grant
SELECT g.session_id, g.direction, g.username, g.login, g.expires_at, g.revoked_at, g.used_at,
       s.state, s.ends_at
FROM video_grant g JOIN video_session s USING (session_id)
WHERE g.token_hash = %s FOR NO KEY UPDATE OF g;

-- name: extend_grant
UPDATE video_grant SET expires_at = %s WHERE token_hash = %s;

-- name: use_grant
UPDATE video_grant SET used_at = %(now)s WHERE token_hash = %(token_hash)s AND used_at IS NULL;

-- name: insert_view
INSERT INTO video_view (view_id, session_id, username, login, started_at)
VALUES (%s, %s, %s, %s, %s);

-- name: running_views
SELECT view_id, session_id, login FROM video_view WHERE view_id = ANY(%s) AND ended_at IS NULL;

-- name: end_view
UPDATE video_view SET ended_at = %(now)s WHERE view_id = %(view_id)s AND ended_at IS NULL
RETURNING session_id, username;

-- name: end_views
UPDATE video_view SET ended_at = %(now)s WHERE session_id = %(session_id)s AND ended_at IS NULL
RETURNING view_id, username;
