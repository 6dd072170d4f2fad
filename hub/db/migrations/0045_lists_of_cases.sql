-- Cases are found by the road that they lie on and by parts of their text, and listed in pages; each
-- person keeps filters.

-- The roads of the base map that have a name, piece by piece.
CREATE TABLE road_piece (
    map_feature_id bigint NOT NULL REFERENCES map_feature ON DELETE CASCADE,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    ends lseg NOT NULL  -- in degrees
);
CREATE INDEX road_piece_by_box ON road_piece
    USING gist (box(ends[0], ends[1]));
CREATE INDEX road_piece_of_feature ON road_piece (map_feature_id);

CREATE FUNCTION keep_pieces_of_road() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM road_piece WHERE map_feature_id = NEW.map_feature_id;
    INSERT INTO road_piece (map_feature_id, name_zh, name_en, ends)
    SELECT NEW.map_feature_id, NEW.properties ->> 'name_zh',
           coalesce(nullif(NEW.properties ->> 'name_en', ''), NEW.properties ->> 'name_zh'),
           lseg(point((line -> (n - 1) ->> 0)::float, (line -> (n - 1) ->> 1)::float),
                point((line -> n ->> 0)::float, (line -> n ->> 1)::float))
    FROM jsonb_array_elements(CASE NEW.geometry ->> 'type'
             WHEN 'LineString' THEN jsonb_build_array(NEW.geometry -> 'coordinates')
             WHEN 'MultiLineString' THEN NEW.geometry -> 'coordinates'
             ELSE '[]' END) AS each(line),
         generate_series(1, jsonb_array_length(line) - 1) AS n
    WHERE NEW.layer = 'road' AND NEW.properties ->> 'name_zh' <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER map_feature_keeps_pieces AFTER INSERT OR UPDATE ON map_feature
    FOR EACH ROW EXECUTE FUNCTION keep_pieces_of_road();
UPDATE map_feature SET layer = layer WHERE layer = 'road';

-- The nearest road with a name, within 60 metres. A degree of latitude is 111,320 metres.
CREATE FUNCTION road_at(lon double precision, lat double precision,
                        OUT name_zh text, OUT name_en text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT r.name_zh, r.name_en
    FROM road_piece r,
         LATERAL (SELECT 111320.0 * cos(radians(lat)) AS kx, 111320.0::float AS ky) AS metres,
         LATERAL (SELECT lseg(point((((r.ends)[0])[0] - lon) * kx, (((r.ends)[0])[1] - lat) * ky),
                              point((((r.ends)[1])[0] - lon) * kx, (((r.ends)[1])[1] - lat) * ky))
                         <-> point(0, 0) AS away_m) AS far
    WHERE box(r.ends[0], r.ends[1])
          && box(point(lon - 60 / kx, lat - 60 / ky), point(lon + 60 / kx, lat + 60 / ky))
      AND away_m <= 60
    ORDER BY away_m, r.name_zh LIMIT 1
$$;

ALTER TABLE cases ADD COLUMN road_zh text, ADD COLUMN road_en text;
CREATE FUNCTION note_road() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT r.name_zh, r.name_en INTO NEW.road_zh, NEW.road_en FROM road_at(NEW.lon, NEW.lat) AS r;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_note_road BEFORE INSERT OR UPDATE OF lon, lat ON cases
    FOR EACH ROW EXECUTE FUNCTION note_road();

-- After the roads have changed.
CREATE FUNCTION note_roads() RETURNS void LANGUAGE sql AS $$
    UPDATE cases c SET road_zh = r.name_zh, road_en = r.name_en
    FROM cases n CROSS JOIN LATERAL road_at(n.lon, n.lat) AS r
    WHERE n.case_id = c.case_id
      AND (c.road_zh, c.road_en) IS DISTINCT FROM (r.name_zh, r.name_en)
$$;
SELECT note_roads();

-- Single characters and pairs of them: what a text must contain to contain another. The embedded server
-- has no pg_trgm, and three characters are too many for Chinese words.
CREATE FUNCTION text_grams(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(said), start, width)), '{}')
    FROM generate_series(1, least(length(said), 4000)) AS start, (VALUES (1), (2)) AS of(width)
$$;

CREATE INDEX cases_by_words ON cases USING gin (text_grams(text)) WHERE text <> '';
CREATE INDEX cases_by_asset ON cases (asset_id) WHERE asset_id IS NOT NULL;
CREATE INDEX cases_by_road ON cases (road_zh) WHERE road_zh IS NOT NULL;
CREATE INDEX cases_by_number ON cases (case_no) INCLUDE (case_id);
CREATE INDEX cases_by_filing ON cases (filed_at);
CREATE INDEX cases_open_by_filing ON cases (filed_at) WHERE case_is_open(state);
CREATE INDEX cases_ended_newest ON cases ((coalesce(closed_at, last_seen_at)) DESC, case_id)
    WHERE NOT case_is_open(state);
CREATE INDEX signal_by_sender ON signal (device_id, case_id) WHERE case_id IS NOT NULL;

CREATE INDEX signal_by_source ON signal (source, case_id) WHERE case_id IS NOT NULL;

CREATE TABLE saved_filter (
    filter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL REFERENCES account ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> ''),
    wanted jsonb NOT NULL,  -- the query of GET /api/cases
    is_default boolean NOT NULL DEFAULT false,
    shared boolean NOT NULL DEFAULT false,
    saved_at timestamptz NOT NULL,
    UNIQUE (username, name)
);
CREATE UNIQUE INDEX saved_filter_default ON saved_filter (username) WHERE is_default;
