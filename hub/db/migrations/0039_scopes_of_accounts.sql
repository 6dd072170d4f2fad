-- What an account sees: the whole district, a territory with all below it, or a unit.

ALTER TABLE account
    ADD COLUMN scope_kind text NOT NULL DEFAULT 'district'
        CHECK (scope_kind IN ('district', 'territory', 'unit')),
    ADD COLUMN scope_unit text REFERENCES unit;
UPDATE account SET scope_kind = 'unit', scope_unit = unit_key WHERE role = 'unit_handler';
ALTER TABLE account
    ADD CONSTRAINT account_scope_names_its_unit
        CHECK ((scope_kind = 'district') = (scope_unit IS NULL));

CREATE FUNCTION territory_and_below(top text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE below AS (
        SELECT unit_key FROM unit WHERE unit_key = top
        UNION
        SELECT u.unit_key FROM unit u JOIN below b ON u.parent = b.unit_key
    )
    SELECT coalesce(array_agg(unit_key ORDER BY unit_key), '{}') FROM below
$$;

-- The polygons of the territories, so that the database can tell which one a place is in.
CREATE TABLE territory_shape (
    unit_key text NOT NULL REFERENCES territory ON DELETE CASCADE,
    outline polygon NOT NULL,
    holes polygon[] NOT NULL DEFAULT '{}'
);
CREATE INDEX territory_shape_of ON territory_shape (unit_key);
CREATE INDEX territory_shape_by_box ON territory_shape USING gist (box(outline));

-- A ring of GeoJSON as a polygon.
CREATE FUNCTION ring_as_polygon(ring jsonb) RETURNS polygon LANGUAGE sql IMMUTABLE AS $$
    SELECT ('(' || string_agg(format('(%s,%s)', corner -> 0, corner -> 1), ',' ORDER BY number) || ')')::polygon
    FROM jsonb_array_elements(ring) WITH ORDINALITY AS each(corner, number)
$$;

CREATE FUNCTION keep_shape_of_territory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM territory_shape WHERE unit_key = NEW.unit_key;
    INSERT INTO territory_shape (unit_key, outline, holes)
    SELECT NEW.unit_key, ring_as_polygon(rings -> 0),
           ARRAY(SELECT ring_as_polygon(ring)
                 FROM jsonb_array_elements(rings) WITH ORDINALITY AS each(ring, number) WHERE number > 1)
    FROM jsonb_array_elements(CASE NEW.boundary ->> 'type'
        WHEN 'Polygon' THEN jsonb_build_array(NEW.boundary -> 'coordinates')
        WHEN 'MultiPolygon' THEN NEW.boundary -> 'coordinates'
        ELSE '[]' END) AS part(rings);
    RETURN NULL;
END $$;
CREATE TRIGGER territory_keeps_shape AFTER INSERT OR UPDATE ON territory
    FOR EACH ROW EXECUTE FUNCTION keep_shape_of_territory();
UPDATE territory SET boundary = boundary;

-- The smallest territory that contains a place; a border belongs to the lower key, as in hub/geo.
CREATE FUNCTION territory_around(lon double precision, lat double precision) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.unit_key FROM territory_shape s JOIN unit u USING (unit_key)
    WHERE box(s.outline) @> box(point(lon, lat), point(lon, lat)) AND s.outline @> point(lon, lat)
      AND NOT EXISTS (SELECT FROM unnest(s.holes) AS hole WHERE hole @> point(lon, lat))
    ORDER BY array_position(ARRAY['village', 'township', 'district'], u.level), s.unit_key LIMIT 1
$$;

-- Where a case or a signal is, also before anybody is responsible for it.
ALTER TABLE cases ADD COLUMN place_unit text;
ALTER TABLE signal ADD COLUMN place_unit text;
CREATE FUNCTION note_place_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.place_unit := territory_around(NEW.lon, NEW.lat);
    RETURN NEW;
END $$;
CREATE TRIGGER cases_note_place_unit BEFORE INSERT OR UPDATE OF lon, lat ON cases
    FOR EACH ROW EXECUTE FUNCTION note_place_unit();
CREATE TRIGGER signal_notes_place_unit BEFORE INSERT OR UPDATE OF lon, lat ON signal
    FOR EACH ROW EXECUTE FUNCTION note_place_unit();

-- After the territories have changed.
CREATE FUNCTION note_place_units() RETURNS void LANGUAGE sql AS $$
    UPDATE cases SET place_unit = territory_around(lon, lat)
    WHERE place_unit IS DISTINCT FROM territory_around(lon, lat);
    UPDATE signal SET place_unit = territory_around(lon, lat)
    WHERE place_unit IS DISTINCT FROM territory_around(lon, lat);
$$;
SELECT note_place_units();

CREATE INDEX cases_by_place_unit ON cases (place_unit);
CREATE INDEX cases_by_territory ON cases (territory_unit);
CREATE INDEX cases_by_assisting_unit ON cases USING gin (assist_units);
CREATE INDEX signal_by_place_unit ON signal (place_unit);

-- Whether an account sees a case; `case_is_visible` in hub/accounts/visibility.py is the same rule.
-- `units` (null: the whole district) and `territories` are those of the account's scope. The planner
-- puts the body in the place of a call, so that the indexes above are used.
CREATE FUNCTION case_is_visible(c cases, units text[], territories text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR c.lead_unit = ANY (units) OR c.assist_units && units
           OR c.territory_unit = ANY (territories) OR c.place_unit = ANY (territories)
$$;
