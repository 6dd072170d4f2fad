-- A guard that is wanted and was not found yet is a pending guard. Which states and types of commands
-- belong together is said here once; the planner puts these functions' bodies in their place.

ALTER TABLE guard_wish RENAME TO pending_guard;
ALTER TABLE pending_guard RENAME COLUMN wished_at TO wanted_at;
ALTER INDEX guard_wish_pkey RENAME TO pending_guard_pkey;
ALTER INDEX guard_wish_due RENAME TO pending_guard_due;
ALTER TABLE pending_guard RENAME CONSTRAINT guard_wish_case_id_fkey TO pending_guard_case_id_fkey;
ALTER TABLE pending_guard RENAME CONSTRAINT guard_wish_supersedes_fkey TO pending_guard_supersedes_fkey;

CREATE FUNCTION command_is_undelivered(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN state IN ('created', 'queued', 'sent');

CREATE FUNCTION command_is_underway(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN state IN ('delivered', 'accepted', 'in_progress');

CREATE FUNCTION command_is_active(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN state IN ('created', 'queued', 'sent', 'delivered', 'accepted', 'in_progress');

CREATE FUNCTION command_is_task(type text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN type IN ('dispatch', 'verify', 'guard');

DROP INDEX command_waiting;
CREATE INDEX command_undelivered ON command (device_id) WHERE command_is_undelivered(state);

DROP INDEX one_active_task;
-- Nobody is given the same task twice at once; two dispatchers cannot both win.
CREATE UNIQUE INDEX one_active_task ON command (case_id, type, device_id)
    WHERE command_is_task(type) AND command_is_active(state);
-- Each new case asks who had a task in the last hours.
CREATE INDEX command_accepted_task ON command (accepted_at)
    WHERE command_is_task(type) AND accepted_at IS NOT NULL;

CREATE FUNCTION video_is_open(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN state IN ('requested', 'live');

DROP INDEX one_open_session;
DROP INDEX video_session_open;
-- A terminal has one camera.
CREATE UNIQUE INDEX one_open_session ON video_session (device_id) WHERE video_is_open(state);
CREATE INDEX video_session_open ON video_session (ends_at) WHERE video_is_open(state);
