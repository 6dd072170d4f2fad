-- Grid workers are people in a registry, and a terminal's holder is one of them.

CREATE TABLE grid_worker (
    worker_id text PRIMARY KEY CHECK (worker_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'),
    name text NOT NULL CHECK (name <> ''),
    village text REFERENCES unit,
    phone text,
    active boolean NOT NULL DEFAULT true
);
CREATE INDEX grid_worker_by_name ON grid_worker (name);
CREATE SEQUENCE grid_worker_number;

ALTER TABLE device ADD COLUMN holder_id text REFERENCES grid_worker;
CREATE INDEX device_of_holder ON device (holder_id);

-- Who held which terminal from when on; nobody, if `worker_id` is null.
CREATE TABLE terminal_holding (
    device_id text NOT NULL REFERENCES device,
    since timestamptz NOT NULL,
    worker_id text REFERENCES grid_worker,
    PRIMARY KEY (device_id, since)
);

-- The worker of a name in a village, or anywhere if there is only one; a new one if nobody has the name.
CREATE FUNCTION worker_named(wanted text, of_village text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    SELECT worker_id INTO found FROM grid_worker
    WHERE name = wanted AND village IS NOT DISTINCT FROM of_village ORDER BY worker_id LIMIT 1;
    IF found IS NULL AND (SELECT count(*) FROM grid_worker WHERE name = wanted) = 1 THEN
        SELECT worker_id INTO found FROM grid_worker WHERE name = wanted;
    END IF;
    IF found IS NULL THEN
        LOOP
            found := 'W-' || lpad(nextval('grid_worker_number')::text, 5, '0');
            EXIT WHEN NOT EXISTS (SELECT FROM grid_worker WHERE worker_id = found);
        END LOOP;
        INSERT INTO grid_worker (worker_id, name, village) VALUES (found, wanted, of_village);
    END IF;
    RETURN found;
END $$;

-- A holder that is registered by name becomes one of the registry; one that is named by id lends its name.
CREATE FUNCTION holder_is_a_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind <> 'terminals' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.holder_id IS DISTINCT FROM OLD.holder_id THEN
        NEW.holder_registered := (SELECT name FROM grid_worker WHERE worker_id = NEW.holder_id);
    ELSIF nullif(btrim(NEW.holder_registered), '') IS NULL THEN
        NEW.holder_id := NULL;
    ELSIF EXISTS (SELECT FROM grid_worker
                  WHERE worker_id = NEW.holder_id AND name = NEW.holder_registered) THEN
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' OR NEW.holder_registered IS DISTINCT FROM OLD.holder_registered THEN
        NEW.holder_id := worker_named(NEW.holder_registered, NEW.unit_key);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER device_holder_is_a_worker
    BEFORE INSERT OR UPDATE OF holder_registered, holder_id ON device
    FOR EACH ROW EXECUTE FUNCTION holder_is_a_worker();

-- `patrolhub.now` is the instant of the unit of work; the first holder counts from the beginning.
CREATE FUNCTION note_holding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.holder_id IS NULL
       OR TG_OP = 'UPDATE' AND NEW.holder_id IS NOT DISTINCT FROM OLD.holder_id THEN
        RETURN NULL;
    END IF;
    INSERT INTO terminal_holding (device_id, since, worker_id)
    VALUES (NEW.device_id,
            CASE WHEN EXISTS (SELECT FROM terminal_holding h WHERE h.device_id = NEW.device_id)
                 THEN coalesce(nullif(current_setting('patrolhub.now', true), '')::timestamptz, now())
                 ELSE '-infinity' END,
            NEW.holder_id)
    ON CONFLICT (device_id, since) DO UPDATE SET worker_id = excluded.worker_id;
    RETURN NULL;
END $$;
CREATE TRIGGER device_notes_holding AFTER INSERT OR UPDATE OF holder_registered, holder_id ON device
    FOR EACH ROW EXECUTE FUNCTION note_holding();

CREATE FUNCTION holder_at(of_device text, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT worker_id FROM terminal_holding
    WHERE device_id = of_device AND since <= at ORDER BY since DESC LIMIT 1
$$;

-- The present holders, in the order of their terminals.
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT device_id, holder_registered, unit_key FROM device
                WHERE kind = 'terminals' AND nullif(btrim(holder_registered), '') IS NOT NULL ORDER BY device_id
    LOOP
        UPDATE device SET holder_id = worker_named(each.holder_registered, each.unit_key)
        WHERE device_id = each.device_id;
    END LOOP;
END $$;

-- Points: derived from the journal; everything here but the rules can be computed again from it.

CREATE TABLE points_rules (
    version integer PRIMARY KEY,
    effective_from date NOT NULL UNIQUE,  -- the first local day
    rules jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    reason text NOT NULL
);

CREATE TABLE points_entry (
    entry_no bigint PRIMARY KEY,
    journal_id bigint NOT NULL,  -- the entry of the journal that it follows from
    worker_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('report', 'first_reporter', 'verification', 'duplicate',
        'invalid', 'reversal', 'payment')),
    points integer NOT NULL,
    full_points integer NOT NULL,  -- without the caps
    balance_before integer NOT NULL,
    balance_after integer NOT NULL CHECK (balance_after = balance_before + points),
    at timestamptz NOT NULL,
    day date NOT NULL,
    period text NOT NULL,
    rules_version integer NOT NULL,
    case_id bigint,
    signal_id bigint,
    command_id text,
    reverses bigint,
    reason text
);
CREATE INDEX points_of_worker ON points_entry (worker_id, entry_no);
CREATE INDEX points_of_period ON points_entry (period, worker_id);
CREATE INDEX points_of_case ON points_entry (case_id);
CREATE INDEX points_of_signal ON points_entry (signal_id);
CREATE UNIQUE INDEX points_reversed_once ON points_entry (reverses);

CREATE TABLE points_period (
    period text PRIMARY KEY,  -- a local month: 2025-08
    closed_at timestamptz NOT NULL,
    closed_by text NOT NULL,
    paid_at timestamptz,
    paid_by text,
    note text NOT NULL DEFAULT ''
);

CREATE TABLE points_due (
    period text NOT NULL REFERENCES points_period ON DELETE CASCADE,
    worker_id text NOT NULL,
    earned integer NOT NULL,  -- the sum of the entries of the period
    payable integer NOT NULL CHECK (payable >= 0),  -- what is owed at its end
    PRIMARY KEY (period, worker_id)
);

CREATE TABLE points_cursor (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    journal_id bigint NOT NULL
);
INSERT INTO points_cursor (journal_id) VALUES (0);

-- What a person found in something that looked like gaming.
CREATE TABLE points_review (
    finding_key text PRIMARY KEY,
    verdict text NOT NULL CHECK (verdict IN ('fine', 'gaming')),
    note text NOT NULL,
    reviewed_at timestamptz NOT NULL,
    reviewed_by text NOT NULL
);
