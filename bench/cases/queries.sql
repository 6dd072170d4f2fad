-- name: units
INSERT INTO unit (unit_key, kind, level, name_zh, name_en, parent)
SELECT 'district', 'territory', 'district', '区', 'District', NULL
UNION ALL SELECT format('town_%%s', n), 'territory', 'township', format('街道%%s', n), format('Town %%s', n), 'district'
FROM generate_series(1, 14) AS n
UNION ALL SELECT format('village_%%s', n), 'territory', 'village', format('社区%%s', n), format('Village %%s', n),
       format('town_%%s', 1 + n %% 14) FROM generate_series(1, 135) AS n
UNION ALL SELECT format('bureau_%%s', n), 'department', NULL, format('部门%%s', n), format('Bureau %%s', n), NULL
FROM generate_series(1, 40) AS n;

-- name: district
INSERT INTO district (code, name_zh, name_en, center_lon, center_lat, bounds)
VALUES ('530303', '区', 'District', 103.8, 25.6, '{103,25,104,26}');

-- name: named
-- What cases are searched by: roads, parts and holders of terminals. Surnames are as frequent as they are.
INSERT INTO map_feature (layer, properties, geometry)
SELECT 'road', jsonb_build_object('name_zh', format('第%%s大道', n), 'name_en', format('Avenue %%s', n)),
       '{"type": "LineString", "coordinates": []}'
FROM generate_series(1, 300) AS n;
INSERT INTO asset (asset_id, type, name_zh, name_en, lon, lat)
SELECT format('MH-%%s', n), 'manhole', format('%%s号井盖', n), format('Cover %%s', n), 103.5, 25.5
FROM generate_series(1, 20000) AS n;
INSERT INTO device (device_id, kind, name_zh, name_en, holder_registered, registered_at)
SELECT format('T-%%s', n), 'terminals', '终端', 'Terminal',
       (ARRAY['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '徐', '孙', '胡', '朱'])[1 + n %% 14] || n,
       now()
FROM generate_series(1, 1436) AS n;

-- name: catalogue
INSERT INTO catalogue_version (version, imported_at, imported_by, source)
VALUES (1, now(), 'bench', 'bench');
INSERT INTO catalogue_item (version, item_key, body)
SELECT 1, format('item_%s', n), jsonb_build_object('item_key', format('item_%s', n), 'title_zh',
       format('事项%s', n), 'title_en', format('Item %s', n), 'kind', 'component', 'owner_rule', 'territory',
       'conditions', jsonb_build_array(jsonb_build_object('cond_key', 'usual', 'text_zh', '情形', 'text_en',
       'usual', 'limit_type', 'work_day', 'limit_value', 2)))
FROM generate_series(1, 456) AS n;

-- name: seed
SELECT setseed(0.42);

-- name: lives
-- Each case's story. The newest are open; of the others some are late, failed a check, were extended or
-- returned. `until` is the end of the year that is told.
CREATE TABLE life AS
WITH drawn AS (
    SELECT n AS case_id, %(until)s::timestamptz - (%(cases)s - n + random()) * (interval '365 days' / %(cases)s) AS filed_at,
           format('item_%%s', 1 + floor(456 * random() ^ 3)) AS item_key,
           (ARRAY['low', 'mid', 'mid', 'high'])[1 + floor(4 * random())::int] AS severity,
           (ARRAY['camera', 'terminal', 'terminal', 'hotline', 'app'])[1 + floor(5 * random())::int] AS source,
           format('village_%%s', 1 + floor(135 * random())) AS place,
           CASE WHEN random() < 0.3 THEN format('village_%%s', 1 + floor(135 * random()))
                ELSE format('bureau_%%s', 1 + floor(40 * random() ^ 2)) END AS unit,
           format('bureau_%%s', 1 + floor(40 * random())) AS other_unit,
           (1 + floor(5 * random())) * interval '1 day' AS within,
           random() AS late, random() AS rework, random() AS returned, random() AS joined,
           random() AS called, random() AS stage, 103.2 + 0.6 * random() AS lon, 25.2 + 0.6 * random() AS lat,
           n > %(cases)s - %(open)s AS is_open
    FROM generate_series(1, %(cases)s) AS n
)
SELECT *, filed_at + within AS due_at,
       CASE WHEN is_open THEN NULL WHEN late < 0.08 THEN filed_at + within * (1.1 + 10 * late)
            ELSE filed_at + within * (0.1 + 0.7 * stage) END AS fed_at
FROM drawn;

-- name: cases
INSERT INTO cases (case_id, case_no, version, state, item_key, cond_key, catalogue_version, severity, lon,
    lat, error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by, text, lead_unit, territory_unit,
    place_unit, routed_at, limit_type, limit_value, policy, due_at, overdue_at, signed_at, feedback_at,
    closed_at, road_zh, road_en, asset_id, owner, recurrence_of, sources)
OVERRIDING SYSTEM VALUE
SELECT case_id, format('530303-%%s-%%s', to_char(filed_at, 'YYYYMMDD'), case_id), 5,
       CASE WHEN NOT is_open THEN 'CLOSED' WHEN stage < 0.5 THEN 'HANDLING' ELSE 'ROUTED' END,
       item_key, 'usual', 1, severity, lon, lat, 10, format('case %%s', case_id), filed_at, filed_at,
       filed_at, 'system:signals', format('路面问题 %%s', case_id), unit, place, place, filed_at, 'work_day', 2,
       'accumulate', due_at, CASE WHEN is_open AND due_at < %(until)s THEN due_at END,
       filed_at + interval '30 minutes', fed_at, fed_at + interval '1 hour',
       format('第%%s大道', 1 + case_id %% 300), format('Avenue %%s', 1 + case_id %% 300),
       CASE WHEN case_id %% 3 = 0 THEN format('MH-%%s', 1 + case_id %% 20000) END,
       CASE WHEN is_open AND case_id %% 50 = 0 THEN 'user:bench' END,
       CASE WHEN case_id %% 40 = 39 THEN case_id - 1 END, ARRAY[source]
FROM life;

-- name: signals
INSERT INTO signal (signal_id, source, identity, device_id, type, item_key, observed_at, received_at, lon,
    lat, error_m, state, case_id)
OVERRIDING SYSTEM VALUE
SELECT case_id, source, format('signal %%s', case_id), format('T-%%s', 1 + case_id %% 1436), 'report', item_key, filed_at, filed_at, lon, lat,
       10, 'accepted', case_id
FROM life;

-- name: entries
-- The journal of these cases, in the order of time. Its hashes are placeholders.
INSERT INTO journal (at, subject, subject_id, kind, actor, event, from_state, to_state, reason, data,
    prev_hash, hash, position, chain)
SELECT at, subject, subject_id::text, kind, actor, event, from_state, to_state, NULL, data,
       lpad(step::text, 8, '0') || md5(subject || subject_id), md5(subject || subject_id) || md5(step::text), row_number() OVER (ORDER BY at, subject_id, step),
       'placeholder'
FROM (
    SELECT filed_at AS at, 'case' AS subject, case_id AS subject_id, 1 AS step, 'transition' AS kind,
           'system:signals' AS actor, 'file' AS event, NULL AS from_state, 'FILED' AS to_state,
           jsonb_build_object('case_no', format('530303-%%s', case_id), 'changes', jsonb_build_object(
               'item_key', item_key, 'cond_key', 'usual', 'severity', severity, 'lon', lon, 'lat', lat,
               'filed_at', filed_at, 'occurred_at', filed_at, 'state', 'FILED', 'lead_unit', NULL,
               'due_at', NULL, 'version', 1, 'text', '路面问题', 'why', '[]'::jsonb)) AS data
    FROM life
    UNION ALL
    SELECT filed_at, 'case', case_id, 2, 'transition', 'system:signals', 'route', 'FILED', 'ROUTED',
           jsonb_build_object('changes', jsonb_build_object('state', 'ROUTED', 'lead_unit',
               CASE WHEN returned < 0.04 THEN other_unit ELSE unit END, 'territory_unit', place, 'due_at', due_at,
               'routed_at', filed_at, 'version', 2)) FROM life
    UNION ALL
    SELECT filed_at, 'signal', case_id, 3, 'signal_accepted', 'system:signals', NULL, NULL, 'accepted',
           jsonb_build_object('source', source, 'device_id', 'T-1', 'camera_id', NULL, 'type', 'report',
               'item_key', item_key, 'case_id', case_id) FROM life
    UNION ALL
    SELECT filed_at + interval '10 minutes', 'case', case_id, 4, 'transition', 'user:handler', 'return',
           'ROUTED', 'FILED', jsonb_build_object('changes', jsonb_build_object('lead_unit', NULL)) FROM life
    WHERE returned < 0.04
    UNION ALL
    SELECT filed_at + interval '20 minutes', 'case', case_id, 5, 'transition', 'user:seat', 'route', 'FILED',
           'ROUTED', jsonb_build_object('changes', jsonb_build_object('lead_unit', unit, 'due_at', due_at))
    FROM life WHERE returned < 0.04
    UNION ALL
    SELECT filed_at + interval '30 minutes', 'case', case_id, 6, 'transition', 'user:handler', 'sign', 'ROUTED',
           'HANDLING', jsonb_build_object('changes', jsonb_build_object('state', 'HANDLING', 'signed_at',
               filed_at + interval '30 minutes')) FROM life WHERE NOT is_open OR stage < 0.5
    UNION ALL
    SELECT due_at + interval '1 minute', 'case', case_id, 7, 'transition', 'system:clock', 'overdue', 'HANDLING',
           'HANDLING', jsonb_build_object('changes', jsonb_build_object('overdue_at', due_at)) FROM life
    WHERE due_at < %(until)s AND (is_open OR fed_at > due_at)
    UNION ALL
    SELECT fed_at - within * 0.05, 'case', case_id, 8, 'transition', 'user:lead', 'fail', 'VERIFYING', 'HANDLING',
           jsonb_build_object('changes', jsonb_build_object('feedback_at', NULL, 'due_at', due_at)) FROM life
    WHERE rework < 0.03 AND NOT is_open
    UNION ALL
    SELECT fed_at, 'case', case_id, 9, 'transition', 'user:handler', 'feedback', 'HANDLING', 'FEEDBACK',
           jsonb_build_object('changes', jsonb_build_object('state', 'FEEDBACK', 'feedback_at', fed_at))
    FROM life WHERE NOT is_open
    UNION ALL
    SELECT fed_at, 'case', case_id, 10, 'photos_judged', 'system:photos', NULL, NULL, NULL,
           '{"verdicts": ["fixed"]}'::jsonb FROM life WHERE NOT is_open
    UNION ALL
    SELECT fed_at, 'case', case_id, 11, 'transition', 'system:photos', 'check', 'FEEDBACK', 'VERIFYING',
           '{"changes": {"state": "VERIFYING"}}'::jsonb FROM life WHERE NOT is_open
    UNION ALL
    SELECT fed_at + interval '30 minutes', 'case', case_id, 12, 'transition', 'user:lead', 'pass', 'VERIFYING',
           'CALLBACK', '{"changes": {"state": "CALLBACK"}}'::jsonb FROM life WHERE NOT is_open AND called < 0.3
    UNION ALL
    SELECT fed_at + interval '1 hour', 'case', case_id, 13, 'transition', 'user:lead',
           CASE WHEN called < 0.3 THEN 'satisfied' ELSE 'pass' END,
           CASE WHEN called < 0.3 THEN 'CALLBACK' ELSE 'VERIFYING' END, 'CLOSED',
           jsonb_build_object('changes', jsonb_build_object('state', 'CLOSED', 'closed_at', fed_at + interval '1 hour'))
    FROM life WHERE NOT is_open
    UNION ALL
    SELECT filed_at + interval '1 hour', 'signal', %(cases)s + case_id, 14, 'signal_merged', 'system:signals', NULL,
           NULL, 'merged', jsonb_build_object('source', 'terminal', 'device_id', 'T-2', 'camera_id', NULL, 'type',
               'report', 'item_key', item_key, 'case_id', case_id) FROM life WHERE joined < 0.3
    UNION ALL
    SELECT filed_at + nth * interval '9 minutes', 'case', case_id, 20 + nth, 'evidence_added', 'system:signals',
           NULL, NULL, NULL, jsonb_build_object('evidence', jsonb_build_array(md5(case_id::text)))
    FROM life, generate_series(1, %(notes)s) AS nth
) AS told;

-- name: counts
SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM journal),
       (SELECT count(*) FROM cases WHERE case_is_open(state));
