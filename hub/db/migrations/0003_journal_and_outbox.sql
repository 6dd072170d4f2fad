-- The journal is append-only and hash-chained per subject; the outbox is what still has to be said.

CREATE TABLE journal (
    journal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    subject text NOT NULL CHECK (subject IN ('case', 'command', 'video', 'device', 'signal', 'account', 'catalogue')),
    subject_id text NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    event text,
    from_state text,
    to_state text,
    reason text,
    data jsonb NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL
);
CREATE INDEX journal_of_subject ON journal (subject, subject_id, journal_id);
CREATE UNIQUE INDEX journal_chain ON journal (subject, subject_id, prev_hash);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_wakes AFTER INSERT ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('journal');

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    payload bytea NOT NULL,
    retain boolean NOT NULL DEFAULT false,
    correlation text,  -- the command's id: response topic and correlation data are derived from it
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    published_at timestamptz,
    dropped_at timestamptz
);
CREATE INDEX outbox_pending ON outbox (outbox_id)
    WHERE published_at IS NULL AND dropped_at IS NULL;
CREATE TRIGGER outbox_wakes AFTER INSERT ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('outbox');
