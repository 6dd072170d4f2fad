-- name: lock_cursor
SELECT journal_id FROM points_cursor FOR UPDATE;

-- name: lock_cursor_unless_taken
SELECT journal_id FROM points_cursor FOR UPDATE SKIP LOCKED;

-- name: set_cursor
UPDATE points_cursor SET journal_id = %s;

-- name: newest_entry
SELECT coalesce(max(journal_id), 0) FROM journal;

-- name: facts
-- Reports of terminals that were decided, verifications that were done, cases that are gone, periods.
-- Each with the worker who held the terminal then, and the points of the item.
SELECT j.journal_id, j.at, j.subject, j.subject_id, j.kind, j.actor, j.to_state, j.reason, j.data,
       CASE WHEN j.subject IN ('signal', 'command')
            THEN holder_at(j.data ->> 'device_id', coalesce(s.observed_at, j.at)) END AS worker_id,
       coalesce((i.body ->> 'points')::integer, 1) AS item_points,
       EXISTS (SELECT FROM journal r WHERE r.subject = 'case' AND r.subject_id = j.data ->> 'case_id'
               AND r.event = 'recur' AND r.at = j.at) AS recurred
FROM journal j
LEFT JOIN signal s ON s.signal_id = CASE WHEN j.subject = 'signal' THEN j.subject_id::bigint END
LEFT JOIN cases c
    ON c.case_id = CASE WHEN j.subject = 'signal' THEN (j.data ->> 'case_id')::bigint END
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
WHERE j.journal_id > %(after)s AND j.journal_id <= %(until)s AND (
    (j.subject = 'signal' AND j.data ->> 'source' = 'terminal' AND j.data ->> 'type' = 'report'
     AND j.kind IN ('signal_accepted', 'signal_merged', 'signal_rejected', 'signal_new',
                    'signal_verifying'))
    OR (j.subject = 'command' AND j.data ->> 'type' = 'verify' AND j.data ->> 'state' = 'succeeded')
    OR (j.subject = 'case' AND j.from_state <> j.to_state AND NOT case_is_open(j.to_state)
        AND j.to_state <> 'CLOSED')
    OR j.subject = 'points')
ORDER BY j.journal_id LIMIT %(limit)s;

-- name: rules
SELECT version, effective_from, rules FROM points_rules ORDER BY effective_from;

-- name: rules_in_full
SELECT version, effective_from, rules, made_at, made_by, reason FROM points_rules
ORDER BY effective_from DESC;

-- name: add_rules
INSERT INTO points_rules (version, effective_from, rules, made_at, made_by, reason)
SELECT coalesce(max(version), 0) + 1, %(effective_from)s, %(rules)s, %(at)s, %(by)s, %(reason)s
FROM points_rules RETURNING version;

-- name: lock_rules
LOCK TABLE points_rules IN SHARE ROW EXCLUSIVE MODE;

-- name: last_no
SELECT coalesce(max(entry_no), 0) FROM points_entry;

-- name: balances
SELECT worker_id, sum(points)::integer FROM points_entry
WHERE %(workers)s::text[] IS NULL OR worker_id = ANY(%(workers)s) GROUP BY worker_id;

-- name: earned_by_day
SELECT worker_id, day, sum(points)::integer FROM points_entry
WHERE worker_id = ANY(%(workers)s) AND day = ANY(%(days)s)
  AND kind IN ('report', 'first_reporter', 'verification') GROUP BY worker_id, day;

-- name: earned_by_month
SELECT worker_id, to_char(day, 'YYYY-MM'), sum(points)::integer FROM points_entry
WHERE worker_id = ANY(%(workers)s) AND to_char(day, 'YYYY-MM') = ANY(%(months)s)
  AND kind IN ('report', 'first_reporter', 'verification') GROUP BY 1, 2;

-- name: by_period
SELECT period, worker_id, sum(points)::integer FROM points_entry
WHERE %(workers)s::text[] IS NULL OR worker_id = ANY(%(workers)s) GROUP BY period, worker_id;

-- name: live
-- Entries that nothing has taken back.
SELECT e.* FROM points_entry e
WHERE (e.signal_id = ANY(%(signals)s) OR e.case_id = ANY(%(cases)s))
  AND e.kind NOT IN ('reversal', 'payment')
  AND NOT EXISTS (SELECT FROM points_entry r WHERE r.reverses = e.entry_no)
ORDER BY e.entry_no;

-- name: workers_of_cases
SELECT DISTINCT worker_id FROM points_entry
WHERE signal_id = ANY(%(signals)s) OR case_id = ANY(%(cases)s);

-- name: verified
SELECT command_id FROM points_entry WHERE command_id = ANY(%s);

-- name: periods
SELECT period, closed_at, closed_by, paid_at, paid_by, note FROM points_period ORDER BY period;

-- name: due
SELECT period, worker_id, earned, payable FROM points_due ORDER BY period, worker_id;

-- name: add_entry
INSERT INTO points_entry (entry_no, journal_id, worker_id, kind, points, full_points,
    balance_before, balance_after, at, day, period, rules_version, case_id, signal_id, command_id,
    reverses, reason)
VALUES (%(entry_no)s, %(journal_id)s, %(worker_id)s, %(kind)s, %(points)s, %(full_points)s,
    %(balance_before)s, %(balance_after)s, %(at)s, %(day)s, %(period)s, %(rules_version)s,
    %(case_id)s, %(signal_id)s, %(command_id)s, %(reverses)s, %(reason)s);

-- name: add_period
INSERT INTO points_period (period, closed_at, closed_by, note)
VALUES (%(period)s, %(at)s, %(by)s, %(note)s) ON CONFLICT (period) DO NOTHING;

-- name: add_due
INSERT INTO points_due (period, worker_id, earned, payable)
VALUES (%(period)s, %(worker_id)s, %(earned)s, %(payable)s);

-- name: pay_period
UPDATE points_period SET paid_at = %(at)s, paid_by = %(by)s,
    note = concat_ws('; ', nullif(note, ''), nullif(%(note)s::text, ''))
WHERE period = %(period)s AND paid_at IS NULL;

-- name: all_entries
SELECT * FROM points_entry ORDER BY entry_no;

-- name: forget_entries
DELETE FROM points_entry;

-- name: forget_due
DELETE FROM points_due;

-- name: forget_periods
DELETE FROM points_period;

-- name: first_open_month
SELECT min(period) FROM points_entry e
WHERE NOT EXISTS (SELECT FROM points_period p WHERE p.period = e.period);

-- name: newest_day
SELECT max(day) FROM points_entry;

-- name: standings
-- Workers with what they earned in a period and what they have now, the most points first.
SELECT w.worker_id, w.name, w.village, u.name_zh AS village_name_zh, u.name_en AS village_name_en,
       w.active,
       coalesce(sum(e.points) FILTER (WHERE e.period = %(period)s AND e.kind <> 'payment'), 0)::integer
           AS earned,
       count(*) FILTER (WHERE e.period = %(period)s AND e.kind = 'report') AS reports,
       count(*) FILTER (WHERE e.period = %(period)s AND e.kind = 'first_reporter') AS first_reports,
       count(*) FILTER (WHERE e.period = %(period)s AND e.kind = 'verification') AS verifications,
       count(*) FILTER (WHERE e.period = %(period)s AND e.kind = 'duplicate') AS duplicates,
       count(*) FILTER (WHERE e.period = %(period)s AND e.kind = 'invalid') AS invalid,
       count(*) FILTER (WHERE e.period = %(period)s AND e.kind = 'reversal') AS reversals,
       count(*) FILTER (WHERE e.period = %(period)s AND e.points < e.full_points) AS capped,
       coalesce(sum(e.points), 0)::integer AS balance,
       (SELECT d.payable FROM points_due d
        WHERE d.period = %(period)s AND d.worker_id = w.worker_id) AS payable
FROM grid_worker w
LEFT JOIN points_entry e USING (worker_id)
LEFT JOIN unit u ON u.unit_key = w.village
WHERE (%(q)s::text IS NULL OR strpos(lower(w.name), lower(%(q)s)) > 0
       OR strpos(lower(w.worker_id), lower(%(q)s)) > 0)
  AND (%(scope_units)s::text[] IS NULL OR w.village = ANY(%(scope_territories)s::text[]))
GROUP BY w.worker_id, w.name, w.village, u.name_zh, u.name_en, w.active
HAVING w.active OR count(e.entry_no) > 0
ORDER BY earned DESC, w.worker_id
LIMIT %(limit)s OFFSET %(offset)s;

-- name: entries_of
SELECT e.entry_no, e.worker_id, e.kind, e.points, e.full_points, e.balance_before, e.balance_after,
       e.at, e.period, e.rules_version, e.case_id, c.case_no, e.signal_id, e.command_id, e.reverses,
       e.reason
FROM points_entry e LEFT JOIN cases c USING (case_id)
WHERE e.worker_id = %(worker_id)s
  AND (%(period)s::text IS NULL OR e.period = %(period)s)
  AND (%(before)s::bigint IS NULL OR e.entry_no < %(before)s)
ORDER BY e.entry_no DESC LIMIT %(limit)s;

-- name: period_totals
-- The periods that have entries or are closed, the newest first.
SELECT m.period, p.closed_at, p.closed_by, p.paid_at, p.paid_by, coalesce(p.note, '') AS note,
       (SELECT coalesce(sum(points), 0)::integer FROM points_entry e
        WHERE e.period = m.period AND e.kind <> 'payment') AS earned,
       (SELECT count(DISTINCT worker_id) FROM points_entry e WHERE e.period = m.period) AS workers,
       (SELECT sum(payable)::integer FROM points_due d WHERE d.period = m.period) AS payable
FROM (SELECT DISTINCT period FROM points_entry UNION SELECT period FROM points_period) m
LEFT JOIN points_period p USING (period) ORDER BY m.period DESC;

-- name: reports_of_period
-- The reports of workers in some days, with their photos.
SELECT s.signal_id, holder_at(s.device_id, s.observed_at) AS worker_id, s.case_id, c.case_no, s.lon, s.lat,
       s.observed_at,
       ARRAY(SELECT ev.sha256 || ':' || coalesce(ev.perceptual_hash::text, '')
             FROM evidence ev WHERE ev.sha256 = ANY(s.evidence) ORDER BY ev.sha256) AS photos
FROM signal s LEFT JOIN cases c USING (case_id)
WHERE s.source = 'terminal' AND s.type = 'report' AND s.received_at >= %(since)s
  AND s.received_at < %(until)s AND s.state IN ('accepted', 'merged')
ORDER BY s.signal_id;

-- name: own_repairs
-- Cases whose repair photo comes from a terminal of the worker who reported them, or that were handled
-- by a person of that name.
SELECT DISTINCT c.case_id, c.case_no, holder_at(s.device_id, s.observed_at) AS worker_id
FROM signal s JOIN cases c USING (case_id)
LEFT JOIN case_evidence r ON r.case_id = c.case_id AND r.kind = 'repair'
LEFT JOIN grid_worker w ON w.worker_id = holder_at(s.device_id, s.observed_at)
WHERE s.source = 'terminal' AND s.type = 'report' AND s.received_at >= %(since)s
  AND s.received_at < %(until)s AND w.worker_id IS NOT NULL
  AND (holder_at(r.device_id, coalesce(r.taken_at, r.added_at)) = w.worker_id
       OR btrim(c.person) = w.name)
ORDER BY c.case_id;

-- name: reviews
SELECT finding_key, verdict, note, reviewed_at, reviewed_by FROM points_review;

-- name: review
INSERT INTO points_review (finding_key, verdict, note, reviewed_at, reviewed_by)
VALUES (%(key)s, %(verdict)s, %(note)s, %(at)s, %(by)s)
ON CONFLICT (finding_key) DO UPDATE SET verdict = excluded.verdict, note = excluded.note,
    reviewed_at = excluded.reviewed_at, reviewed_by = excluded.reviewed_by;

-- name: seen
SELECT worker_id FROM grid_worker w
WHERE worker_id = ANY(%(workers)s)
  AND (%(scope_units)s::text[] IS NULL OR w.village = ANY(%(scope_territories)s::text[]));

-- name: names
SELECT worker_id, name FROM grid_worker WHERE worker_id = ANY(%s);
