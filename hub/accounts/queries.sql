-- name: insert_account
INSERT INTO account (username, name, role, unit_key, scope_kind, scope_unit, password_hash,
                     must_change_password, created_at)
VALUES (%(username)s, %(name)s, %(role)s, %(unit_key)s, %(scope_kind)s, %(scope_unit)s,
        %(password_hash)s, %(must_change_password)s, %(created_at)s)
ON CONFLICT (username) DO NOTHING;

-- name: unit_exists
SELECT EXISTS (SELECT FROM unit WHERE unit_key = %(unit_key)s
               AND (NOT %(only_territories)s OR kind = 'territory'));

-- name: set_place
UPDATE account SET role = %(role)s, unit_key = %(unit_key)s, scope_kind = %(scope_kind)s,
    scope_unit = %(scope_unit)s
WHERE username = %(username)s;

-- name: other_administrators
SELECT username FROM account WHERE role = 'admin' AND NOT disabled AND username <> %s
ORDER BY username FOR UPDATE;

-- name: credentials
SELECT a.username, a.name, a.role, a.unit_key, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,
       a.scope_kind, a.scope_unit, CASE WHEN a.scope_kind = 'territory' THEN territory_and_below(a.scope_unit) ELSE '{}' END
       AS scope_territories,
       a.password_hash, a.disabled, a.must_change_password
FROM account a LEFT JOIN unit u USING (unit_key)
WHERE a.username = %s;

-- name: accounts
SELECT a.username, a.name, a.role, a.unit_key, concat_ws(':', a.scope_kind, a.scope_unit) AS scope,
       a.disabled, a.must_change_password,
       (SELECT count(*) FROM account_session s WHERE s.username = a.username
          AND s.expires_at > %(now)s AND s.idle_until > %(now)s) AS sessions,
       (SELECT max(at) FROM journal j WHERE j.subject = 'account' AND j.subject_id = a.username
          AND j.kind = 'logged_in') AS last_at
FROM account a ORDER BY a.username;

-- name: set_disabled
UPDATE account SET disabled = %s WHERE username = %s;

-- name: set_password
UPDATE account SET password_hash = %s, must_change_password = %s WHERE username = %s;

-- name: key
SELECT value FROM hub_key WHERE name = 'unknown_names';

-- name: one_attempt_at_a_time
SELECT pg_advisory_xact_lock(7004);

-- name: delete_failures
DELETE FROM login_failure WHERE at <= %s;

-- name: failures
-- Failures on a known device count for that device and account alone.
WITH lately AS (
    SELECT username, address, device_hash, at FROM login_failure WHERE at > %(since)s
), strangers AS (
    SELECT username, address, at FROM lately WHERE device_hash IS NULL
)
SELECT 'device', count(*), min(at) FROM lately
WHERE username = %(name)s AND device_hash = %(device_hash)s
UNION ALL
SELECT 'name_at_address', count(*), min(at) FROM strangers
WHERE username = %(name)s AND address = %(address)s
UNION ALL
SELECT 'name', count(*), min(at) FROM strangers WHERE username = %(name)s
UNION ALL
SELECT 'address', count(*), min(at) FROM strangers WHERE address = %(address)s
UNION ALL
SELECT 'everybody', count(*), min(at) FROM strangers;

-- name: insert_failure
INSERT INTO login_failure (username, at, address, device_hash) VALUES (%s, %s, %s, %s);

-- name: clear_failures
DELETE FROM login_failure WHERE username = %s AND (address = %s OR device_hash = %s);

-- name: forget_failures
DELETE FROM login_failure WHERE username = %s;

-- name: knows_device
SELECT EXISTS (SELECT FROM known_device WHERE username = %s AND device_hash = %s);

-- name: remember_device
INSERT INTO known_device (device_hash, username, last_at) VALUES (%s, %s, %s)
ON CONFLICT (device_hash, username) DO UPDATE SET last_at = excluded.last_at;

-- name: forget_devices
DELETE FROM known_device WHERE username = %s;

-- name: insert_session
INSERT INTO account_session (token_hash, username, created_at, expires_at, address, used_at,
                             idle_until)
VALUES (%(token_hash)s, %(username)s, %(created_at)s, %(expires_at)s, %(address)s, %(created_at)s,
        coalesce(%(idle_until)s::timestamptz, 'infinity'));

-- name: session
SELECT a.username, a.name, a.role, a.unit_key, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,
       a.scope_kind, a.scope_unit,
       CASE WHEN a.scope_kind = 'territory' THEN territory_and_below(a.scope_unit) ELSE '{}' END
       AS scope_territories,
       a.must_change_password, s.token_hash, s.expires_at
FROM account_session s JOIN account a USING (username) LEFT JOIN unit u USING (unit_key)
WHERE s.token_hash = %(token_hash)s AND s.expires_at > %(now)s AND s.idle_until > %(now)s
  AND NOT a.disabled;

-- name: note_use
UPDATE account_session SET used_at = %(used_at)s, idle_until = coalesce(%(idle_until)s::timestamptz, 'infinity')
WHERE token_hash = (
    SELECT token_hash FROM account_session
    WHERE token_hash = %(token_hash)s
      AND coalesce(used_at, '-infinity') < %(used_at)s - interval '1 minute'
    FOR UPDATE SKIP LOCKED
);

-- name: valid_sessions
SELECT s.token_hash FROM account_session s JOIN account a USING (username)
WHERE s.token_hash = ANY(%(hashes)s) AND s.expires_at > %(now)s AND s.idle_until > %(now)s
  AND NOT a.disabled;

-- name: sessions
SELECT session_id, username, address, created_at, used_at, expires_at FROM account_session
WHERE (%(username)s::text IS NULL OR username = %(username)s)
  AND expires_at > %(now)s AND idle_until > %(now)s
ORDER BY username, session_id;

-- name: delete_session
DELETE FROM account_session WHERE token_hash = %s;

-- name: end_sessions
DELETE FROM account_session
WHERE username = %(username)s
  AND (%(but)s::text IS NULL OR token_hash <> %(but)s)
  AND (%(only)s::bigint IS NULL OR session_id = %(only)s);

-- name: delete_expired_sessions
DELETE FROM account_session WHERE expires_at <= %(now)s OR idle_until <= %(now)s;

-- name: names
SELECT username, name FROM account WHERE username = ANY(%s);

-- name: sees_case_id
SELECT FROM cases c
WHERE c.case_id = %(key)s AND case_is_visible(c, %(scope_units)s, %(scope_territories)s);

-- name: sees_signal_id
SELECT FROM signal s
WHERE s.signal_id = %(key)s AND signal_is_visible(s, %(scope_units)s, %(scope_territories)s);

-- name: sees_device_id
SELECT FROM device d
WHERE d.device_id = %(key)s AND device_is_visible(d, %(scope_units)s, %(scope_territories)s);

-- name: sees_command_id
SELECT FROM command m
WHERE m.command_id = %(key)s AND command_is_visible(m, %(scope_units)s, %(scope_territories)s);

-- name: sees_group_id
SELECT FROM command m
WHERE m.group_id = %(key)s
HAVING bool_and(command_is_visible(m, %(scope_units)s, %(scope_territories)s));

-- name: sees_session_id
SELECT FROM video_session v
WHERE v.session_id = %(key)s AND video_is_visible(v, %(scope_units)s, %(scope_territories)s);

-- name: sees_sha256
SELECT WHERE photo_is_visible(%(key)s, %(username)s, %(scope_units)s, %(scope_territories)s);

-- name: visible_devices
SELECT d.device_id FROM device d
WHERE d.device_id = ANY(%(ids)s) AND device_is_visible(d, %(scope_units)s, %(scope_territories)s);

-- name: territory_around
SELECT territory_around(%s, %s);
