-- Roles that only read, and what a scope contains besides cases: devices, signals, orders, video, photos.

ALTER TABLE account DROP CONSTRAINT account_role_check;
ALTER TABLE account ADD CONSTRAINT account_role_check CHECK (role IN
    ('viewer', 'seat_operator', 'dispatcher', 'unit_handler', 'supervisor', 'auditor', 'admin'));

-- The units that a device belongs to: an edge node also to those of its cameras.
CREATE FUNCTION units_of_device(d device) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN d.kind = 'edges'
        THEN ARRAY(SELECT DISTINCT c.unit_key FROM device c
                   WHERE c.device_id = ANY (d.cameras) OR c.device_id = d.device_id)
        ELSE ARRAY[d.unit_key] END
$$;
-- The territory of a device that belongs to no unit.
CREATE FUNCTION places_of_device(d device) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN d.unit_key IS NULL THEN ARRAY[territory_around(d.lon, d.lat)] ELSE '{}' END
$$;

-- As case_is_visible, for each kind of subject.
CREATE FUNCTION device_is_visible(d device, units text[], territories text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR units_of_device(d) && units OR places_of_device(d) && territories
$$;
CREATE FUNCTION device_id_is_visible(id text, units text[], territories text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR EXISTS (
        SELECT FROM device d WHERE d.device_id = id AND device_is_visible(d, units, territories))
$$;
CREATE FUNCTION case_id_is_visible(id bigint, units text[], territories text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR EXISTS (
        SELECT FROM cases c WHERE c.case_id = id AND case_is_visible(c, units, territories))
$$;
-- A signal: by its place, by its case, and without a place by its device.
CREATE FUNCTION signal_is_visible(s signal, units text[], territories text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR s.place_unit = ANY (territories)
        OR case_id_is_visible(s.case_id, units, territories)
        OR (s.place_unit IS NULL
            AND device_id_is_visible(coalesce(s.camera_id, s.device_id), units, territories))
$$;
-- An order or a video session: by its case or its device.
CREATE FUNCTION command_is_visible(m command, units text[], territories text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR case_id_is_visible(m.case_id, units, territories)
        OR device_id_is_visible(m.device_id, units, territories)
$$;
CREATE FUNCTION video_is_visible(v video_session, units text[], territories text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR case_id_is_visible(v.case_id, units, territories)
        OR device_id_is_visible(v.device_id, units, territories)
$$;
-- A photo: by the cases, signals, orders and letters that it belongs to, or as one's own.
CREATE FUNCTION photo_is_visible(photo text, viewer text, units text[], territories text[])
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT units IS NULL
        OR EXISTS (SELECT FROM evidence WHERE sha256 = photo AND username = viewer)
        OR EXISTS (SELECT FROM case_evidence e JOIN cases c USING (case_id)
                   WHERE e.sha256 = photo AND case_is_visible(c, units, territories))
        OR EXISTS (SELECT FROM signal s
                   WHERE s.evidence @> ARRAY[photo] AND signal_is_visible(s, units, territories))
        OR EXISTS (SELECT FROM command m JOIN cases c USING (case_id)
                   WHERE m.result -> 'evidence' ? photo AND case_is_visible(c, units, territories))
        OR EXISTS (SELECT FROM letter l JOIN cases c USING (case_id)
                   WHERE l.answer_photos @> ARRAY[photo]
                     AND (l.unit_key = ANY (units) OR l.copies && units
                          OR case_is_visible(c, units, territories)))
$$;
