-- name: insert_account
INSERT INTO account (username, name, role, unit_key, password_hash, created_at)
VALUES (%(username)s, %(name)s, %(role)s, %(unit_key)s, %(password_hash)s, %(created_at)s)
ON CONFLICT (username) DO NOTHING;

-- name: unit_exists
SELECT EXISTS (SELECT FROM unit WHERE unit_key = %s);

-- name: credentials
-- A disabled account has no credentials.
SELECT a.username, a.name, a.role, a.unit_key, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,
       a.password_hash
FROM account a LEFT JOIN unit u USING (unit_key)
WHERE a.username = %s AND NOT a.disabled;

-- name: one_attempt_at_a_time
SELECT pg_advisory_xact_lock(7004, hashtext(%s));

-- name: delete_failures
DELETE FROM login_failure WHERE at <= %s;

-- name: failures
SELECT count(*), min(at) FROM login_failure WHERE username = %s;

-- name: insert_failure
INSERT INTO login_failure (username, at) VALUES (%s, %s);

-- name: clear_failures
DELETE FROM login_failure WHERE username = %s;

-- name: insert_session
INSERT INTO account_session (token_hash, username, created_at, expires_at)
VALUES (%(token_hash)s, %(username)s, %(created_at)s, %(expires_at)s);

-- name: session
SELECT a.username, a.name, a.role, a.unit_key, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,
       s.token_hash, s.expires_at
FROM account_session s JOIN account a USING (username) LEFT JOIN unit u USING (unit_key)
WHERE s.token_hash = %(token_hash)s AND s.expires_at > %(now)s AND NOT a.disabled;

-- name: valid_sessions
SELECT s.token_hash FROM account_session s JOIN account a USING (username)
WHERE s.token_hash = ANY(%(hashes)s) AND s.expires_at > %(now)s AND NOT a.disabled;

-- name: delete_session
DELETE FROM account_session WHERE token_hash = %s;

-- name: delete_expired_sessions
DELETE FROM account_session WHERE expires_at <= %s;

-- name: names
SELECT username, name FROM account WHERE username = ANY(%s);
