-- Who looked at tracks, positions over time, photos, live video, contacts and exports.

CREATE TABLE audited_read (
    read_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    username text NOT NULL,
    role text NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('track', 'positions', 'photo', 'video', 'contact', 'export', 'audit')),
    route text NOT NULL,
    subject text NOT NULL,  -- noun:key of what the path names
    asked jsonb NOT NULL,
    address text NOT NULL,
    page text NOT NULL,  -- of the console, as the browser says
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audited_read_by_time ON audited_read (at);
CREATE INDEX audited_read_of ON audited_read (username, read_id DESC);

-- Nobody rewrites the audit, and for 180 days nobody deletes from it.
CREATE FUNCTION keep_audited_reads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.recorded_at < now() - interval '180 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audited_reads_are_kept BEFORE UPDATE OR DELETE ON audited_read
    FOR EACH ROW EXECUTE FUNCTION keep_audited_reads();
CREATE TRIGGER audited_reads_are_not_emptied BEFORE TRUNCATE ON audited_read
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audited_reads();
