-- What is done with cases: recommendations, commands, video sessions.

CREATE TABLE recommendation (
    recommendation_id uuid PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    type text NOT NULL,
    made_at timestamptz NOT NULL,
    made_for text NOT NULL,
    ranking jsonb NOT NULL
);

-- One order to many: the parent of a command per device.
CREATE TABLE command_group (
    group_id uuid PRIMARY KEY,
    type text NOT NULL,
    case_id bigint REFERENCES cases,
    selection jsonb NOT NULL,  -- how the devices were chosen
    quorum integer NOT NULL CHECK (quorum >= 0),
    refused jsonb NOT NULL,  -- [{device_id, reason}]: chosen, and not sent to
    reason text,
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL
);

CREATE TABLE command (
    command_id uuid PRIMARY KEY,
    device_id text NOT NULL REFERENCES device,
    type text NOT NULL,
    body jsonb NOT NULL,
    case_id bigint REFERENCES cases,
    priority integer NOT NULL CHECK (priority BETWEEN 0 AND 9),
    state text NOT NULL CHECK (state IN ('created', 'queued', 'sent', 'delivered', 'accepted',
        'in_progress', 'succeeded', 'failed', 'rejected', 'expired', 'no_answer', 'timed_out',
        'cancelled', 'superseded')),
    rev integer NOT NULL DEFAULT 0,  -- of the device's last ack that counted
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accept_within_s double precision,
    finish_within_s double precision,
    timer_at timestamptz,  -- when the present state runs out; null where it can't
    sent_at timestamptz,
    delivered_at timestamptz,
    accepted_at timestamptz,
    finished_at timestamptz,
    reason text,
    result jsonb,
    issued_by text NOT NULL,
    recommendation_id uuid REFERENCES recommendation,
    chosen_rank integer,
    supersedes uuid REFERENCES command,
    group_id uuid REFERENCES command_group,
    CHECK (expires_at > issued_at)
);
CREATE INDEX command_of_case ON command (case_id, issued_at);
CREATE INDEX command_of_device ON command (device_id, issued_at DESC);
CREATE INDEX command_timer ON command (timer_at) WHERE timer_at IS NOT NULL;
CREATE INDEX command_of_group ON command (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX command_waiting ON command (device_id) WHERE state IN ('created', 'queued', 'sent');
-- Nobody is given the same task twice at once; two dispatchers cannot both win.
CREATE UNIQUE INDEX one_active_task ON command (case_id, type, device_id)
    WHERE type IN ('dispatch', 'verify', 'guard') AND state IN ('created', 'queued', 'sent',
        'delivered', 'accepted', 'in_progress');
-- One guard per case goes out by policy, however often the policy is asked.
CREATE UNIQUE INDEX one_guard_by_policy ON command (case_id)
    WHERE type = 'guard' AND issued_by = 'system:policy' AND supersedes IS NULL;

-- A guard that the policy wants and that nobody could take yet: asked again until the case ends.
CREATE TABLE guard_wish (
    case_id bigint PRIMARY KEY REFERENCES cases,
    wished_at timestamptz NOT NULL,
    try_at timestamptz NOT NULL,
    tries integer NOT NULL,
    supersedes uuid REFERENCES command
);
CREATE INDEX guard_wish_due ON guard_wish (try_at);

CREATE TABLE command_history (
    command_id uuid NOT NULL REFERENCES command,
    seq integer NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,  -- the hub's clock
    device_at timestamptz,    -- the device's
    rev integer,
    reason text,
    result jsonb,
    counted boolean NOT NULL DEFAULT true,  -- false: a late result, kept, that revives nothing
    PRIMARY KEY (command_id, seq)
);
CREATE INDEX command_history_rev ON command_history (command_id, rev) WHERE rev IS NOT NULL;

CREATE TABLE video_session (
    session_id uuid PRIMARY KEY,
    device_id text NOT NULL REFERENCES device,
    case_id bigint REFERENCES cases,
    reason text NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'live', 'ended', 'failed')),
    command_id uuid REFERENCES command,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    first_frame_by timestamptz NOT NULL,
    live_at timestamptz,
    ends_at timestamptz NOT NULL,
    last_frame_at timestamptz,  -- as the relay tells, every second while it has a picture
    ended_at timestamptz,
    ended_reason text
);
-- A terminal has one camera.
CREATE UNIQUE INDEX one_open_session ON video_session (device_id)
    WHERE state IN ('requested', 'live');
CREATE INDEX video_session_of_case ON video_session (case_id, created_at);
CREATE INDEX video_session_open ON video_session (ends_at) WHERE state IN ('requested', 'live');

CREATE TABLE video_grant (
    token_hash text PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES video_session,
    direction text NOT NULL CHECK (direction IN ('publish', 'view')),
    username text,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE video_view (
    view_id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES video_session,
    username text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX video_view_open ON video_view (session_id) WHERE ended_at IS NULL;
CREATE INDEX video_grant_of_session ON video_grant (session_id);
