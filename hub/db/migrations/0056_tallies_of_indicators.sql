-- Indicators of whole months are read from tallies: how many events of cases and signals are alike, by
-- local month. Triggers keep them, so that they always agree with the rows that they tell of.

-- Whether the unit that leads is a township or a village.
ALTER TABLE case_measure ADD COLUMN led_locally boolean NOT NULL DEFAULT false;

CREATE FUNCTION is_local_unit(key text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM unit u WHERE u.unit_key = key AND u.level IN ('township', 'village'))
$$;
UPDATE case_measure SET led_locally = true WHERE is_local_unit(lead_unit);

CREATE FUNCTION note_led_locally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.led_locally := is_local_unit(NEW.lead_unit);
    RETURN NEW;
END $$;
CREATE TRIGGER case_measure_notes_led_locally BEFORE INSERT OR UPDATE ON case_measure
    FOR EACH ROW EXECUTE FUNCTION note_led_locally();

-- What a unit leads follows its level. Nobody else measures meanwhile.
CREATE FUNCTION note_level_of_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM indicator_cursor FOR UPDATE;
    UPDATE case_measure SET lead_unit = lead_unit WHERE lead_unit = NEW.unit_key;
    RETURN NULL;
END $$;
CREATE TRIGGER unit_notes_level AFTER INSERT OR UPDATE OF level ON unit
    FOR EACH ROW EXECUTE FUNCTION note_level_of_unit();

DROP FUNCTION measure_marks(case_measure, timestamptz, timestamptz, timestamptz, text[]);
-- The marks of a round: its own, and those of how it lies to a period that ends at `until_at` and has
-- been until `as_of`. The bits are those of `Mark` (hub/indicators/definitions.py).
CREATE FUNCTION measure_marks(m case_measure, from_at timestamptz, until_at timestamptz, as_of timestamptz)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT m.marks
        + CASE WHEN m.filed_at >= from_at AND m.filed_at < until_at THEN 1::bigint << 23 ELSE 0 END
        + CASE WHEN m.dispatched_at >= from_at AND m.dispatched_at < until_at THEN 1::bigint << 24 ELSE 0 END
        + CASE WHEN (m.due_at >= from_at AND m.due_at < until_at)
                    OR (m.due_at < from_at AND m.state NOT IN ('MERGED', 'VOID')
                        AND (m.closed_at IS NULL OR m.closed_at >= from_at))
               THEN 1::bigint << 25 ELSE 0 END
        + CASE WHEN m.handled_at < until_at THEN 1::bigint << 26 ELSE 0 END
        + CASE WHEN m.closed_at < until_at THEN 1::bigint << 27 ELSE 0 END
        + CASE WHEN m.due_at < as_of THEN 1::bigint << 28 ELSE 0 END
        + CASE WHEN m.called_back_at >= from_at AND m.called_back_at < until_at THEN 1::bigint << 29 ELSE 0 END
        + CASE WHEN m.appealed_at >= from_at AND m.appealed_at < until_at THEN 1::bigint << 30 ELSE 0 END
        + CASE WHEN m.led_locally THEN 1::bigint << 31 ELSE 0 END
$$;

-- What happened in a round: whose each event is, when it was, its mark with those of the round that its
-- counts look at (`marks_of_event` in hub/indicators/definitions.py), and when the round was handled and
-- closed, if its counts depend on that. Times are the numbers of months, or of what lies between any other
-- borders; null, and the greatest number, is never.
CREATE FUNCTION events_of_round(lead_unit text, first_unit text, marks bigint, led_locally boolean, filed integer,
    dispatched integer, due integer, handled integer, closed integer, called_back integer, appealed integer)
RETURNS TABLE (unit text, at integer, marks bigint, handled integer, closed integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT unit, at, marks, coalesce(handled, 2147483647), coalesce(closed, 2147483647)
    FROM (VALUES
        (lead_unit, filed, (marks & 1027) + (1::bigint << 23), NULL, NULL),
        (first_unit, dispatched, (marks & 8589941633) + (1::bigint << 24), NULL, closed),
        (lead_unit, due,
         (marks & 6268) + (1::bigint << 25) + CASE WHEN led_locally THEN 1::bigint << 31 ELSE 0 END,
         handled, closed),
        (lead_unit, called_back, (marks & 122880) + (1::bigint << 29), NULL, NULL),
        (lead_unit, appealed, (marks & 917504) + (1::bigint << 30), NULL, NULL)
    ) AS event (unit, at, marks, handled, closed)
    WHERE at IS NOT NULL
$$;

-- How many events are alike, for each thing that figures are set apart by.
CREATE TABLE measure_tally (
    apart_by text NOT NULL,  -- hub/indicators/case_sets.py: Grouping
    month integer NOT NULL,  -- of the event, see local_month
    key text NOT NULL,  -- '' for none
    marks bigint NOT NULL,
    handled integer NOT NULL,  -- the month
    closed integer NOT NULL,
    severity text NOT NULL,  -- only with the source
    number integer NOT NULL,
    PRIMARY KEY (apart_by, month, key, marks, handled, closed, severity)
) WITH (fillfactor = 80);
-- What may be open past its deadline when a month begins.
CREATE INDEX measure_tally_open ON measure_tally (apart_by, closed) WHERE closed > month;

-- How many months have passed since the year 0, by local time.
CREATE FUNCTION local_month(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (date_part('year', at AT TIME ZONE 'Asia/Shanghai') * 12
            + date_part('month', at AT TIME ZONE 'Asia/Shanghai'))::integer - 1
$$;

CREATE TYPE tallied_event AS (unit text, territory_unit text, item_key text, source text, severity text,
    reporter text, receiver text, dispatcher text, shift_lead text,
    month integer, marks bigint, handled integer, closed integer);

CREATE FUNCTION tallied_events(m case_measure) RETURNS SETOF tallied_event
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT e.unit, m.territory_unit, m.item_key, m.source, m.severity, m.reporter, m.receiver,
           m.dispatcher, m.shift_lead, e.at, e.marks, e.handled, e.closed
    FROM events_of_round(m.lead_unit, m.first_unit, m.marks, m.led_locally, local_month(m.filed_at),
        local_month(m.dispatched_at), local_month(m.due_at), local_month(m.handled_at),
        local_month(m.closed_at), local_month(m.called_back_at), local_month(m.appealed_at)) AS e
$$;

CREATE FUNCTION tallied_events(s signal_measure) RETURNS SETOF tallied_event
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT s.lead_unit, s.territory_unit, s.item_key, s.source, s.severity, s.reporter, NULL, NULL, NULL,
           local_month(s.received_at), (s.marks & 4298113024) + (1::bigint << 22), 2147483647, 2147483647
$$;

-- First what has not changed is left out. Then each tally is found by its primary key: the planner can't
-- know how many there are.
CREATE FUNCTION change_tallies(rounds_before case_measure[], rounds_after case_measure[],
                               signals_before signal_measure[], signals_after signal_measure[])
RETURNS void LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    MERGE INTO measure_tally AS t
    USING (
        SELECT apart_by, month, coalesce(key, '') AS key, marks, handled, closed,
               coalesce(apart.severity, '') AS severity, sum(number)::integer AS number
        FROM (
            SELECT unit, territory_unit, item_key, source, severity, reporter, receiver, dispatcher,
                   shift_lead, month, marks, handled, closed, sum(number) AS number
            FROM (
                SELECT -1 AS number, e.* FROM unnest(rounds_before) AS m, tallied_events(m) AS e
                UNION ALL SELECT 1, e.* FROM unnest(rounds_after) AS m, tallied_events(m) AS e
                UNION ALL SELECT -1, e.* FROM unnest(signals_before) AS s, tallied_events(s) AS e
                UNION ALL SELECT 1, e.* FROM unnest(signals_after) AS s, tallied_events(s) AS e
            ) AS changes
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
            HAVING sum(number) <> 0
        ) AS e,
        LATERAL (VALUES ('source', source, severity), ('unit', unit, NULL), ('township', territory_unit, NULL),
            ('item', item_key, NULL), ('reporter', reporter, NULL), ('receiver', receiver, NULL),
            ('dispatcher', dispatcher, NULL), ('shift_lead', shift_lead, NULL)
        ) AS apart (apart_by, key, severity)
        GROUP BY 1, 2, 3, 4, 5, 6, 7
        HAVING sum(number) <> 0
    ) AS c
    ON (t.apart_by, t.month, t.key, t.marks, t.handled, t.closed, t.severity)
        = (c.apart_by, c.month, c.key, c.marks, c.handled, c.closed, c.severity)
    WHEN MATCHED AND t.number + c.number = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET number = t.number + c.number
    WHEN NOT MATCHED THEN INSERT (apart_by, month, key, marks, handled, closed, severity, number)
        VALUES (c.apart_by, c.month, c.key, c.marks, c.handled, c.closed, c.severity, c.number)
$$;

CREATE FUNCTION tally_rounds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earlier case_measure[] := '{}';
    later case_measure[] := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        earlier := ARRAY(SELECT ROW(b.*)::case_measure FROM before AS b);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        later := ARRAY(SELECT ROW(a.*)::case_measure FROM after AS a);
    END IF;
    IF cardinality(earlier) + cardinality(later) > 0 THEN
        PERFORM change_tallies(earlier, later, '{}', '{}');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_new_rounds AFTER INSERT ON case_measure
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tally_rounds();
CREATE TRIGGER tally_changed_rounds AFTER UPDATE ON case_measure
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tally_rounds();
CREATE TRIGGER tally_forgotten_rounds AFTER DELETE ON case_measure
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION tally_rounds();

CREATE FUNCTION tally_signals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earlier signal_measure[] := '{}';
    later signal_measure[] := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        earlier := ARRAY(SELECT ROW(b.*)::signal_measure FROM before AS b);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        later := ARRAY(SELECT ROW(a.*)::signal_measure FROM after AS a);
    END IF;
    IF cardinality(earlier) + cardinality(later) > 0 THEN
        PERFORM change_tallies('{}', '{}', earlier, later);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_new_signals AFTER INSERT ON signal_measure
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tally_signals();
CREATE TRIGGER tally_changed_signals AFTER UPDATE ON signal_measure
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tally_signals();
CREATE TRIGGER tally_forgotten_signals AFTER DELETE ON signal_measure
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION tally_signals();

SELECT count(change_tallies('{}', rounds, '{}', '{}'))
FROM (SELECT array_agg(m) AS rounds FROM case_measure m GROUP BY case_id / 10000) AS parts;
SELECT count(change_tallies('{}', '{}', '{}', signals))
FROM (SELECT array_agg(s) AS signals FROM signal_measure s GROUP BY signal_id / 10000) AS parts;
