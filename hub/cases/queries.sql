-- name: lock_cells
-- In one order, so that nobody waits in a circle.
SELECT pg_advisory_xact_lock(7002, cell)
FROM (SELECT DISTINCT hashtext(key) AS cell FROM unnest(%s::text[]) AS key ORDER BY cell) AS ordered;

-- name: next_number
SELECT next_case_number(%s);

-- name: district_code
SELECT code FROM district ORDER BY code LIMIT 1;

-- name: unknown_units
SELECT key FROM unnest(%s::text[]) AS key WHERE key NOT IN (SELECT unit_key FROM unit) ORDER BY key;

-- name: insert
INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version, severity, lon, lat,
                   error_m, asset_id, dedup_key, occurred_at, last_seen_at, filed_at, filed_by,
                   text, callback_required, recurrence_of)
VALUES (%(case_no)s, %(state)s, %(item_key)s, %(cond_key)s, %(catalogue_version)s, %(severity)s,
        %(lon)s, %(lat)s, %(error_m)s, %(asset_id)s, %(dedup_key)s, %(occurred_at)s,
        %(last_seen_at)s, %(filed_at)s, %(filed_by)s, %(text)s, %(callback_required)s,
        %(recurrence_of)s)
RETURNING case_id;

-- name: save
UPDATE cases SET version = %(version)s, state = %(state)s, cond_key = %(cond_key)s,
    catalogue_version = %(catalogue_version)s,
    severity = %(severity)s, asset_id = %(asset_id)s, occurred_at = %(occurred_at)s,
    last_seen_at = %(last_seen_at)s, lead_unit = %(lead_unit)s, assist_units = %(assist_units)s,
    territory_unit = %(territory_unit)s, why = %(why)s, routed_at = %(routed_at)s,
    limit_type = %(limit_type)s, limit_value = %(limit_value)s, policy = %(policy)s,
    due_at = %(due_at)s, calendar_assumed = %(calendar_assumed)s, overdue_at = %(overdue_at)s,
    extensions = %(extensions)s, suspended_at = %(suspended_at)s,
    suspended_until = %(suspended_until)s, person = %(person)s, plan = %(plan)s,
    signed_at = %(signed_at)s, returned_from = %(returned_from)s,
    void_asked_by = %(void_asked_by)s, invited_units = %(invited_units)s,
    study_due_at = %(study_due_at)s, study_overdue_at = %(study_overdue_at)s, feedback_at = %(feedback_at)s, closed_at = %(closed_at)s,
    bounces = %(bounces)s, rework = %(rework)s, callback_attempts = %(callback_attempts)s,
    merged_into = %(merged_into)s, step = %(step)s, step_at = %(step_at)s, owner = %(owner)s,
    exempt_at = %(exempt_at)s, satisfaction = %(satisfaction)s, supervised = %(supervised)s,
    requests = %(requests)s, dispatch_late_at = %(dispatch_late_at)s
WHERE case_id = %(case_id)s;

-- name: by_ids
SELECT case_id, case_no, version, state, item_key, cond_key, catalogue_version, severity, lon, lat,
       error_m, asset_id, dedup_key, occurred_at, last_seen_at, filed_at, filed_by, text,
       callback_required, recurrence_of, lead_unit, assist_units, territory_unit, why,
       invited_units, study_due_at, study_overdue_at, routed_at, limit_type, limit_value, policy, due_at,
       calendar_assumed, overdue_at, extensions, suspended_at, suspended_until, person, plan, signed_at, returned_from, void_asked_by,
       feedback_at, closed_at, bounces, rework, callback_attempts, merged_into, step, step_at, owner, exempt_at,
       satisfaction, supervised, requests, dispatch_late_at FROM cases WHERE case_id = ANY(%s) ORDER BY case_id;

-- name: ids_after
SELECT case_id FROM cases WHERE case_id > %s ORDER BY case_id LIMIT %s;

-- name: entries_of_cases
SELECT journal_id, at, subject, subject_id, kind, actor, event, from_state, to_state, reason, data,
       prev_hash, hash
FROM journal WHERE subject = 'case' AND subject_id = ANY(%s) ORDER BY subject_id, journal_id;

-- name: cases_gone
SELECT DISTINCT subject_id::bigint FROM journal j
WHERE subject = 'case' AND NOT EXISTS (
    SELECT FROM cases c WHERE c.case_id = j.subject_id::bigint
) ORDER BY 1;

-- name: nearby
-- Cases of the item in a box or of the asset, or with the same key: open, or closed since a time; but no
-- alarms, and none that was first seen long after the issue. Locked in the order of their ids. Each is where
-- that is known best: at its asset, which its most exact signal may name, or where its signals agree, weighed by
-- how exact they are.
SELECT c.case_id, best.lon, best.lat, best.error_m, coalesce(c.asset_id, known.asset_id) AS asset_id,
       c.dedup_key, c.state, c.closed_at, c.occurred_at, c.last_seen_at, exact.sights, exact.stray_m
FROM cases c
LEFT JOIN LATERAL (
    SELECT s.asset_id FROM signal s WHERE s.case_id = c.case_id AND s.item_key = c.item_key
      AND s.lon IS NOT NULL ORDER BY s.error_m, s.signal_id LIMIT 1
) known ON c.asset_id IS NULL
LEFT JOIN asset a ON a.asset_id = coalesce(c.asset_id, known.asset_id)
CROSS JOIN LATERAL (
    SELECT coalesce(a.lon, sum(p.lon * weight) / sum(weight)) AS lon, coalesce(a.lat, sum(p.lat * weight) / sum(weight))
        AS lat, CASE WHEN a.asset_id IS NULL THEN min(p.error_m) ELSE %(asset_error_m)s::float8 END AS error_m
    FROM (SELECT c.lon, c.lat, c.error_m UNION SELECT s.lon, s.lat, coalesce(s.error_m, 0) FROM signal s
          WHERE s.case_id = c.case_id AND s.item_key = c.item_key AND s.lon IS NOT NULL) AS p (lon, lat, error_m),
         LATERAL (SELECT 1 / greatest(p.error_m, 1) ^ 2 AS weight) w
) best
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS sights, greatest(max(%(metres_per_degree)s * sqrt(
               (s.lat - best.lat) ^ 2 + ((s.lon - best.lon) * cos(radians(best.lat))) ^ 2
           ) - s.error_m - best.error_m), 0) AS stray_m
    FROM signal s WHERE s.case_id = c.case_id AND s.item_key = c.item_key AND s.lon IS NOT NULL
      AND s.error_m <= %(radius_m)s
) exact
WHERE c.item_key = %(item_key)s AND NOT starts_with(c.dedup_key, %(alarm_key)s)
  AND (c.dedup_key = %(dedup_key)s OR c.asset_id = %(asset_id)s
       OR (c.lat BETWEEN %(south)s AND %(north)s AND c.lon BETWEEN %(west)s AND %(east)s))
  AND (CASE WHEN c.state = 'CLOSED'
       THEN c.closed_at > %(closed_since)s AND c.occurred_at - %(window)s <= %(observed_at)s
       ELSE case_is_open(c.state)
            AND (c.dedup_key = %(dedup_key)s
                 OR c.occurred_at - %(window)s <= %(observed_at)s) END)
ORDER BY c.case_id FOR NO KEY UPDATE OF c;

-- name: open_with_key
SELECT case_id FROM cases WHERE dedup_key = %s AND case_is_open(state);

-- name: note_seen
UPDATE cases SET last_seen_at = greatest(last_seen_at, %(observed_at)s),
                 occurred_at = least(occurred_at, %(observed_at)s)
WHERE case_id = %(case_id)s;

-- name: require_callback
UPDATE cases SET callback_required = true WHERE case_id = %s;

-- name: overdue
SELECT case_id FROM cases
WHERE state IN ('ROUTED', 'HANDLING') AND due_at < %s AND overdue_at IS NULL
  AND suspended_until IS NULL
ORDER BY case_id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED;

-- name: studies_overdue
SELECT case_id FROM cases
WHERE state = 'JOINT_STUDY' AND study_due_at < %s AND study_overdue_at IS NULL
ORDER BY case_id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED;

-- name: dispatch_late
-- Without a unit since they were filed, returned or reopened.
SELECT c.case_id FROM cases c
WHERE c.state IN ('FILED', 'REOPENED') AND c.dispatch_late_at IS NULL AND c.filed_at < %(since)s
  AND (SELECT max(j.at) FROM journal j WHERE j.subject = 'case' AND j.subject_id = c.case_id::text
       AND j.to_state IN ('FILED', 'REOPENED')) < %(since)s
ORDER BY c.case_id LIMIT %(limit)s FOR NO KEY UPDATE OF c SKIP LOCKED;

-- name: suspensions_over
SELECT case_id FROM cases WHERE state = 'HANDLING' AND suspended_until <= %s
ORDER BY case_id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED;

-- name: touched_clocks
-- Of all open states: whether a case was fed back in time depends on its deadline, too.
SELECT c.case_id, touched.by_limit,
       CASE WHEN touched.by_study THEN (
           SELECT max(j.at) FROM journal j WHERE j.subject = 'case' AND j.subject_id = c.case_id::text
             AND j.event = 'refer_study') END AS study_began_at
FROM cases c CROSS JOIN LATERAL (
    SELECT coalesce(c.due_at > %(first)s AND c.routed_at < %(last)s
                    AND (c.limit_type IN ('work_hour', 'work_day') OR c.rework > 0), false) AS by_limit,
           c.state = 'JOINT_STUDY' AND c.study_due_at > %(first)s AS by_study
) AS touched
WHERE case_is_open(c.state) AND (touched.by_limit OR touched.by_study)
ORDER BY c.case_id

-- name: clock_entries
-- What may have started, moved or stopped the clocks of cases.
SELECT subject_id, at, event, coalesce(data->'changes' ? 'due_at', false) FROM journal
WHERE subject = 'case' AND subject_id = ANY(%s) AND kind <> 'deadline_recomputed'
  AND (event IN ('suspend', 'resume') OR data->'changes' ? 'due_at')
ORDER BY journal_id;

-- name: routed_for_long
SELECT case_id FROM cases WHERE state = 'ROUTED' AND routed_at < %s
ORDER BY case_id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED;

-- name: add_evidence
INSERT INTO case_evidence (case_id, sha256, kind, signal_id, device_id, username, taken_at, lon,
                           lat, boxes, added_at)
VALUES (%(case_id)s, %(sha256)s, %(kind)s, %(signal_id)s, %(device_id)s, %(username)s,
        %(taken_at)s, %(lon)s, %(lat)s, %(boxes)s, %(added_at)s)
ON CONFLICT (case_id, sha256, kind) DO NOTHING;

-- name: move_evidence
INSERT INTO case_evidence (case_id, sha256, kind, signal_id, device_id, username, taken_at, lon,
                           lat, boxes, verdict, added_at)
SELECT %(into)s, sha256, kind, signal_id, device_id, username, taken_at, lon, lat, boxes, verdict,
       added_at
FROM case_evidence WHERE case_id = %(case_id)s
ON CONFLICT (case_id, sha256, kind) DO NOTHING;

-- name: move_signals
UPDATE signal SET case_id = %(into)s WHERE case_id = %(case_id)s;

-- name: set_verdict
UPDATE case_evidence SET verdict = %s WHERE case_id = %s AND sha256 = %s AND kind = 'repair';

-- name: photos_of
SELECT sha256 FROM case_evidence JOIN evidence USING (sha256) WHERE case_id = %s;

-- name: repair_round
-- When the present round of a repair began, by a route or a failed check, and the verdicts on its photos.
SELECT began.at, ARRAY(SELECT e.verdict FROM case_evidence e
                       WHERE e.case_id = %(case_id)s AND e.kind = 'repair' AND e.added_at >= began.at)
FROM (SELECT max(at) AS at FROM journal WHERE subject = 'case' AND subject_id = %(case_id)s::text
      AND event IN ('route', 'rule', 'fail', 'not_satisfied')) AS began;

-- name: was_overdue
-- A joint study that took too long is no lateness of a unit.
SELECT EXISTS (SELECT FROM journal WHERE subject = 'case' AND subject_id = %s AND event = 'overdue'
               AND from_state <> 'JOINT_STUDY');

-- name: repair_photos
-- Those of the present round: earlier rounds were judged already.
SELECT sha256 FROM case_evidence
WHERE case_id = %s AND kind = 'repair' AND verdict IS NULL ORDER BY added_at, sha256;

-- name: photos_without_hash
SELECT c.sha256 FROM case_evidence c JOIN evidence e USING (sha256)
WHERE c.case_id = %s AND c.kind <> 'repair' AND e.perceptual_hash IS NULL
ORDER BY c.added_at LIMIT 20;

-- name: photo_origin
-- A photo without a place of its own is placed by its device: a fixed one has a place, and of a
-- terminal the fix nearest in time counts, within two minutes of the photo.
SELECT e.sha256, coalesce(e.taken_at, e.received_at) AS taken_at, e.received_at,
       coalesce(e.lon, f.lon, t.lon, l.lon) AS lon, coalesce(e.lat, f.lat, t.lat, l.lat) AS lat,
       CASE WHEN e.lon IS NOT NULL THEN 0 WHEN f.lon IS NOT NULL THEN coalesce(f.coverage_m, 0)
            ELSE coalesce(t.accuracy_m, l.accuracy_m, 0) END AS error_m,
       (d.device_id IS NOT NULL OR a.username IS NOT NULL) AS known_sender,
       (SELECT u.case_no FROM case_evidence c JOIN cases u USING (case_id)
        WHERE c.sha256 = e.sha256 ORDER BY c.added_at LIMIT 1) AS used_in,
       (SELECT o.sha256 FROM case_evidence c JOIN evidence o USING (sha256)
        WHERE c.case_id = %(case_id)s AND o.sha256 <> e.sha256
          AND bit_count((o.perceptual_hash # e.perceptual_hash)::bit(64)) <= %(like_bits)s
        ORDER BY c.added_at, o.sha256 LIMIT 1) AS "like",
       e.username IS NOT NULL AS is_claimed
FROM evidence e
LEFT JOIN device d USING (device_id)
LEFT JOIN LATERAL (
    SELECT d.lon, d.lat, d.coverage_m WHERE d.kind <> 'terminals'
) f ON true
LEFT JOIN account a ON a.username = e.username AND NOT a.disabled
LEFT JOIN LATERAL (
    SELECT lon, lat, accuracy_m FROM telemetry
    WHERE device_id = e.device_id
      AND observed_at BETWEEN coalesce(e.taken_at, e.received_at) - interval '2 minutes'
                          AND coalesce(e.taken_at, e.received_at) + interval '2 minutes'
    ORDER BY abs(extract(epoch FROM observed_at - coalesce(e.taken_at, e.received_at))) LIMIT 1
) t ON true
LEFT JOIN terminal_live l ON l.device_id = e.device_id
    AND l.observed_at BETWEEN coalesce(e.taken_at, e.received_at) - interval '2 minutes'
                          AND coalesce(e.taken_at, e.received_at) + interval '2 minutes'
WHERE e.sha256 = %(sha256)s;

-- name: matching
-- What a filter asks of a case `c`; what it doesn't ask is null.
case_is_visible(c, %(scope_units)s::text[], %(scope_territories)s::text[])
AND (%(open)s::boolean IS NULL OR case_is_open(c.state) = %(open)s)
AND (%(states)s::text[] IS NULL OR c.state = ANY(%(states)s))
AND (%(void_asked)s::boolean IS NULL
     OR (c.void_asked_by IS NOT NULL AND case_is_open(c.state)) = %(void_asked)s)
AND (%(severities)s::text[] IS NULL OR c.severity = ANY(%(severities)s))
AND (%(units)s::text[] IS NULL OR c.lead_unit = ANY(%(units)s) OR c.territory_unit = ANY(%(units)s)
     OR c.assist_units && %(units)s)
AND (%(township)s::text[] IS NULL OR c.territory_unit = ANY(%(township)s)
     OR (c.territory_unit IS NULL AND c.place_unit = ANY(%(township)s)))
AND (%(overdue)s::boolean IS NULL OR (c.overdue_at IS NOT NULL) = %(overdue)s)
AND (%(due_until)s::timestamptz IS NULL OR c.due_at < %(due_until)s)
AND (%(filed_from)s::timestamptz IS NULL OR c.filed_at >= %(filed_from)s)
AND (%(filed_until)s::timestamptz IS NULL OR c.filed_at < %(filed_until)s)
AND (%(items)s::text[] IS NULL OR c.item_key = ANY(%(items)s))
AND (%(sources)s::text[] IS NULL OR c.sources && %(sources)s)
AND (%(recurrence)s::boolean IS NULL OR (c.recurrence_of IS NOT NULL) = %(recurrence)s)
AND (%(owner)s::text IS NULL OR c.owner = %(owner)s OR (%(owner)s = '-' AND c.owner IS NULL))

-- name: keys_of_word
-- The assets, roads and units whose names contain a word, and the terminals whose holder's name does.
SELECT ARRAY(SELECT asset_id FROM asset
             WHERE asset_id ILIKE %(like)s OR name_zh ILIKE %(like)s OR name_en ILIKE %(like)s) AS assets,
       ARRAY(SELECT DISTINCT properties ->> 'name_zh' FROM map_feature
             WHERE layer = 'road' AND (properties ->> 'name_zh' ILIKE %(like)s
                                       OR properties ->> 'name_en' ILIKE %(like)s)) AS roads,
       ARRAY(SELECT unit_key FROM unit
             WHERE unit_key = %(word)s OR name_zh ILIKE %(like)s OR name_en ILIKE %(like)s) AS units,
       ARRAY(SELECT device_id FROM device WHERE holder ILIKE %(like)s) AS devices;

-- name: ids_of_text
SELECT cases_with_text(%(word)s, %(like)s, %(most)s);

-- name: ids_of_number
SELECT ARRAY(SELECT case_id FROM cases WHERE case_no ILIKE %(like)s LIMIT %(most)s);

-- name: ids_of_senders
SELECT ARRAY(SELECT DISTINCT case_id FROM signal
             WHERE device_id = ANY(%(devices)s) AND case_id IS NOT NULL LIMIT %(most)s);

-- name: urgency_of_open
-- An alarm that nobody has acknowledged comes before all others, then goes who is due first; without a
-- deadline that of routing counts.
CASE WHEN a.acknowledged_at IS NULL AND a.raised_at IS NOT NULL THEN -extract(epoch FROM a.raised_at)
     ELSE extract(epoch FROM CASE WHEN c.state IN ('FILED', 'REOPENED')
                                  THEN c.filed_at + %(route_within)s::interval
                                  WHEN c.state = 'JOINT_STUDY' THEN coalesce(c.study_due_at, c.filed_at)
                                  ELSE coalesce(c.due_at, c.filed_at) END) END

-- name: urgency_of_ended
-extract(epoch FROM coalesce(c.closed_at, c.last_seen_at))

-- name: stretch
SELECT c.case_id, {ended} AS ended, {urgency} AS urgency
FROM cases c LEFT JOIN alarm a USING (case_id)
WHERE

-- name: gathered
-- All that match, up to one more than are counted; how many that are, and a page of them.
WITH gathered AS MATERIALIZED (
    SELECT c.case_id, CASE WHEN case_is_open(c.state) THEN 0 ELSE 1 END AS ended,
           {urgency} AS urgency, {first_by} AS first_by, {then_by} AS then_by
    FROM cases c
    LEFT JOIN alarm a USING (case_id)
    LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
    WHERE {matching} LIMIT %(most)s
)
SELECT whole.total, page.case_id, page.ended, page.urgency
FROM (SELECT count(*) AS total FROM gathered) AS whole
LEFT JOIN (SELECT * FROM gathered WHERE {after} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) AS page
    ON true
ORDER BY {order};

-- name: records
-- In the order of the ids.
WITH listed AS (
    SELECT c.*, CASE WHEN case_is_open(c.state) THEN 0 ELSE 1 END AS ended, asked.place_in_order
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked(case_id, place_in_order)
    JOIN cases c USING (case_id)
)
SELECT c.case_id, c.case_no, c.item_key, c.cond_key,
       coalesce(nullif(i.body ->> 'title_zh', ''), c.item_key) AS title_zh,
       coalesce(nullif(i.body ->> 'title_en', ''), c.item_key) AS title_en,
       coalesce(nullif(k ->> 'text_zh', ''), c.cond_key) AS condition_text_zh,
       coalesce(nullif(k ->> 'text_en', ''), c.cond_key) AS condition_text_en,
       c.severity, c.state, c.version, place_as_json(c.lon, c.lat, c.error_m) AS place, c.road_zh, c.road_en,
       c.asset_id,
       part.name_zh AS asset_name_zh, part.name_en AS asset_name_en,
       c.occurred_at, c.last_seen_at, c.filed_at, c.filed_by, c.text, c.why, c.catalogue_version,
       c.routed_at,
       -- While units study who is responsible, the clock of the study is the one that runs.
       CASE WHEN c.state = 'JOINT_STUDY' THEN c.study_due_at ELSE c.due_at END AS due_at,
       CASE WHEN c.state = 'JOINT_STUDY' THEN c.study_overdue_at ELSE c.overdue_at END IS NOT NULL
           AS overdue,
       c.invited_units, c.study_due_at, c.study_overdue_at, c.calendar_assumed, c.lead_unit,
       lead.name_zh AS lead_unit_name_zh, lead.name_en AS lead_unit_name_en, c.assist_units,
       c.territory_unit, area.name_zh AS territory_name_zh, area.name_en AS territory_name_en,
       c.person, c.plan, c.signed_at, c.feedback_at, c.closed_at, c.suspended_until, c.extensions,
       c.bounces, c.rework, c.merged_into, c.recurrence_of,
       (SELECT o.case_no FROM cases o WHERE o.case_id = c.recurrence_of) AS recurrence_no,
       (SELECT count(*) FROM journal j WHERE j.subject = 'case' AND j.subject_id = c.case_id::text
        AND j.event = 'recur') AS reopened,
       (SELECT count(*) FROM signal s WHERE s.case_id = c.case_id) AS signal_count,
       (SELECT p.sha256 FROM case_evidence p WHERE p.case_id = c.case_id
        ORDER BY p.kind IN ('repair', 'step'), p.added_at, p.sha256 LIMIT 1) AS cover_evidence,
       c.ended = 0 AND EXISTS (SELECT FROM signal s WHERE s.case_id = c.case_id
                               AND s.doubted_at IS NOT NULL) AS doubted,
       CASE WHEN c.ended = 0 THEN c.void_asked_by END AS void_asked_by, asker.name AS void_asked_by_name,
       c.owner, keeper.name AS owner_name,
       c.limit_type, c.limit_value, c.overdue_at, c.suspended_at, c.exempt_at, c.step, c.step_at,
       c.callback_required, c.callback_attempts, c.satisfaction, c.supervised, c.dispatch_late_at,
       (SELECT coalesce(jsonb_agg(r.request || jsonb_build_object('asked_by_name', p.name)
                                  ORDER BY r.number), '[]')
        FROM jsonb_array_elements(c.requests) WITH ORDINALITY AS r(request, number)
        LEFT JOIN account p ON 'user:' || p.username = r.request ->> 'asked_by') AS requests,
       (SELECT jsonb_build_object('type', a.type, 'device_id', a.device_id, 'holder', d.holder,
            'raised_at', a.raised_at, 'times', a.times, 'place_source', a.place_source,
            'place_age_s', a.place_age_s, 'acknowledged_at', a.acknowledged_at,
            'acknowledged_by', coalesce(p.name, a.acknowledged_by))
        FROM alarm a JOIN device d USING (device_id)
        LEFT JOIN account p ON p.username = a.acknowledged_by
        WHERE a.case_id = c.case_id) AS alarm
FROM listed c
LEFT JOIN account asker ON 'user:' || asker.username = c.void_asked_by
LEFT JOIN account keeper ON 'user:' || keeper.username = c.owner
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = c.cond_key
) AS found(k) ON true
LEFT JOIN asset part ON part.asset_id = c.asset_id
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
LEFT JOIN unit area ON area.unit_key = c.territory_unit
ORDER BY c.place_in_order;

-- name: camera_sights
SELECT s.camera_id, coalesce(d.name_zh, '') AS name_zh, coalesce(d.name_en, '') AS name_en,
       max(s.observed_at) AS seen_at,
       CASE WHEN bool_and(s.cleared_at IS NOT NULL)
                 OR max(s.cleared_at) >= max(s.observed_at) FILTER (WHERE s.cleared_at IS NULL)
            THEN max(s.cleared_at) END AS cleared_at
FROM signal s LEFT JOIN device d ON d.device_id = s.camera_id
WHERE s.case_id = %s AND s.source = 'camera' AND s.camera_id IS NOT NULL
GROUP BY s.camera_id, d.name_zh, d.name_en ORDER BY s.camera_id;

-- name: case_facts
SELECT c.case_id, c.case_no, c.state, c.severity, c.lon, c.lat, c.error_m, c.text, c.due_at,
       c.routed_at, c.territory_unit, c.item_key, c.cond_key, c.catalogue_version,
       ARRAY(SELECT sha256 FROM case_evidence e WHERE e.case_id = c.case_id
             AND e.kind NOT IN ('repair', 'step') ORDER BY added_at DESC LIMIT 4) AS evidence,
       a.device_id AS caller_device_id, d.holder AS caller_holder, a.type AS caller_type,
       a.raised_at AS caller_raised_at, a.place_source AS caller_place_source,
       a.place_age_s AS caller_place_age_s
FROM cases c
LEFT JOIN alarm a USING (case_id)
LEFT JOIN device d ON d.device_id = a.device_id
WHERE c.case_id = %s;
