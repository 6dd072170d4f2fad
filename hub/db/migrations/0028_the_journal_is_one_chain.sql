-- One chain over all entries besides those per subject. The database links an entry when it is inserted, whoever
-- inserts it, so that versions of the hub before and after this one can run side by side.

ALTER TABLE journal ADD COLUMN position bigint, ADD COLUMN chain text;
COMMENT ON COLUMN journal.position IS 'Counts all entries without a gap, from 1.';
COMMENT ON COLUMN journal.chain IS 'SHA-256 over the chain before, the position and the hash.';

CREATE FUNCTION lock_journal() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7001)
$$;

CREATE FUNCTION chain_link(before text, nth bigint, entry_hash text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT encode(sha256(convert_to(before || ':' || nth || ':' || entry_hash, 'UTF8')), 'hex')
$$;

ALTER TABLE journal DISABLE TRIGGER journal_is_append_only;
DO $$
DECLARE
    entry record;
    nth bigint := 0;
    link text := repeat('0', 64);
BEGIN
    FOR entry IN SELECT journal_id, hash FROM journal ORDER BY journal_id LOOP
        nth := nth + 1;
        link := chain_link(link, nth, entry.hash);
        UPDATE journal SET position = nth, chain = link WHERE journal_id = entry.journal_id;
    END LOOP;
END $$;
ALTER TABLE journal ENABLE TRIGGER journal_is_append_only;

ALTER TABLE journal ALTER COLUMN position SET NOT NULL, ALTER COLUMN chain SET NOT NULL;
CREATE UNIQUE INDEX journal_position ON journal (position);

CREATE FUNCTION chain_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM lock_journal();
    SELECT position, chain INTO last FROM journal ORDER BY position DESC LIMIT 1;
    NEW.position := coalesce(last.position, 0) + 1;
    NEW.chain := chain_link(coalesce(last.chain, repeat('0', 64)), NEW.position, NEW.hash);
    RETURN NEW;
END $$;
CREATE TRIGGER journal_is_one_chain BEFORE INSERT ON journal
    FOR EACH ROW EXECUTE FUNCTION chain_entry();
CREATE TRIGGER journal_is_never_emptied BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
