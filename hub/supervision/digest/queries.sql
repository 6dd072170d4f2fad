-- name: territories
SELECT unit_key, name_zh, name_en FROM unit WHERE kind = 'territory' ORDER BY unit_key;

-- name: known
SELECT count(*) FROM outside_count o
JOIN unnest(%(days)s::date[], %(sources)s::text[], %(units)s::text[], %(categories)s::text[])
    AS new (day, source, unit_key, category) USING (day, source, unit_key, category);

-- name: put
INSERT INTO outside_count (day, source, unit_key, category, count, imported_at, imported_by)
SELECT day, source, unit_key, category, count, %(now)s, %(actor)s
FROM unnest(%(days)s::date[], %(sources)s::text[], %(units)s::text[], %(categories)s::text[],
            %(counts)s::integer[]) AS new (day, source, unit_key, category, count)
ON CONFLICT (day, source, unit_key, category) DO UPDATE SET count = excluded.count,
    imported_at = excluded.imported_at, imported_by = excluded.imported_by;

-- name: outside
SELECT source, township_of(unit_key) AS township, category, sum(count)::integer AS count
FROM outside_count WHERE day = %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: moves
-- Cases that were filed, closed or became overdue on the day. A joint study that takes too long is no
-- overdue case of a unit.
SELECT j.event, c.case_id, c.case_no, c.state, c.severity, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, c.lead_unit, lead.name_zh AS unit_zh,
       lead.name_en AS unit_en, c.lon, c.lat, min(j.at) AS at,
       township_of(coalesce(c.place_unit, c.territory_unit)) AS township
FROM journal j
JOIN cases c ON c.case_id = j.subject_id::bigint
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
WHERE j.subject = 'case' AND j.event IS NOT NULL AND j.at >= %(since)s AND j.at < %(until)s
  AND (j.event = 'file' OR (j.event = 'overdue' AND j.from_state <> 'JOINT_STUDY')
       OR j.to_state = 'CLOSED')
GROUP BY j.event, c.case_id, i.body, lead.unit_key
ORDER BY array_position(ARRAY['high', 'mid', 'low'], c.severity), min(j.at), c.case_id;

-- name: open
SELECT count(*) AS open, count(*) FILTER (WHERE overdue_at IS NOT NULL AND exempt_at IS NULL) AS late
FROM cases WHERE case_is_open(state) AND filed_at < %(until)s;

-- name: townships
SELECT unit_key, name_zh, name_en FROM unit WHERE level = 'township' ORDER BY unit_key;

-- name: late_by_township
SELECT township_of(coalesce(place_unit, territory_unit)) AS township, count(*)::integer
FROM cases WHERE case_is_open(state) AND overdue_at IS NOT NULL AND exempt_at IS NULL GROUP BY 1;

-- name: recent
SELECT case_id, lon, lat, occurred_at FROM cases
WHERE occurred_at >= %(since)s AND occurred_at < %(until)s AND state NOT IN ('VOID')
  AND merged_into IS NULL
ORDER BY case_id;

-- name: cases_named
SELECT c.case_id, c.case_no, i.body ->> 'title_zh' AS title_zh, i.body ->> 'title_en' AS title_en,
       t.name_zh AS township_zh, t.name_en AS township_en
FROM cases c
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN unit t ON t.unit_key = township_of(coalesce(c.place_unit, c.territory_unit))
WHERE c.case_id = ANY(%s);

-- name: presence
-- The presence of terminals and cameras at the begin of the day, and its changes on the day.
SELECT d.device_id, d.kind, d.name_zh, d.name_en, before.to_state AS before, change.at,
       change.to_state
FROM device d
LEFT JOIN LATERAL (
    SELECT j.to_state FROM journal j
    WHERE j.subject = 'device' AND j.subject_id = d.device_id AND j.kind = 'presence'
      AND j.at < %(since)s
    ORDER BY j.journal_id DESC LIMIT 1
) before ON true
LEFT JOIN journal change ON change.subject = 'device' AND change.subject_id = d.device_id
    AND change.kind = 'presence' AND change.at >= %(since)s AND change.at < %(until)s
WHERE d.kind IN ('terminals', 'cameras') AND d.registered_at < %(until)s
ORDER BY d.device_id, change.journal_id;

-- name: kept
SELECT body FROM digest WHERE day = %s;

-- name: keep
INSERT INTO digest (day, made_at, body) VALUES (%s, %s, %s) ON CONFLICT (day) DO NOTHING;
