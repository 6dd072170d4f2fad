-- Rows that the demo makes seldom or never, in tables whose rows no journal tells of.

INSERT INTO device_state (device_id, aspect, desired, desired_version, desired_at) VALUES
    ('T-0011', 'config', '{"version": 1, "settings": {"interval_s": 10}}', 1, now() - interval '8 days'),
    ('T-0012', 'config', '{"version": 1, "settings": {"interval_s": 10}}', 1, now());
INSERT INTO device_wish (device_id, aspect, version, body, asked_by, asked_at, outcome, settled_at)
SELECT device_id, aspect, desired_version, desired, 'user:admin', desired_at,
       CASE device_id WHEN 'T-0011' THEN 'timed_out' ELSE 'waiting' END,
       CASE device_id WHEN 'T-0011' THEN now() END
FROM device_state WHERE device_id IN ('T-0011', 'T-0012') AND aspect = 'config';

INSERT INTO guard_wish (case_id, wished_at, try_at, tries)
SELECT case_id, now(), now() + interval '1 minute', 2 FROM cases
WHERE state = 'ROUTED' ORDER BY case_id LIMIT 1;

INSERT INTO duty_episode (device_id, matter, since, ended_at) VALUES
    ('T-0005', 'off_post', now() - interval '2 hours', now() - interval '1 hour'),
    ('T-0005', 'off_post', now() - interval '20 minutes', NULL),
    ('T-0006', 'low_battery', now() - interval '3 hours', now() - interval '2 hours');

INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, identity, state, attempts, retry_at,
                   error)
VALUES
    ('terminals', 'T-0007', 'acks', 'no-command', '{"state": "delivered"}', now(), NULL, 'parked', 5, NULL,
     'NotFound: there is no such command'),
    ('terminals', 'T-0008', 'events', '', '{"type": "sos"}', now(), 'made-by-hand', 'pending', 1,
     now() + interval '1 minute', NULL);

INSERT INTO backlog_arrival (device_id, first_at, last_at)
VALUES ('T-0009', now() - interval '2 hours', now() - interval '1 hour');

INSERT INTO telemetry_touched VALUES (date_trunc('hour', now(), 'UTC'));

INSERT INTO outbox (topic, payload, created_at, expires_at)
VALUES ('patrol/v1/530303/terminals/T-0011/commands/still-to-say', '{}', now(), now() + interval '1 hour');

-- A report whose photo the model has yet to look at, and one that it disagrees with.
INSERT INTO report_look (signal_id, sha256, asked_at)
SELECT signal_id, repeat('0', 64), now() FROM signal WHERE type = 'report' AND state = 'new' LIMIT 1;
UPDATE signal SET doubted_at = now() WHERE signal_id = (
    SELECT min(s.signal_id) FROM signal s JOIN cases c USING (case_id)
    WHERE s.type = 'report' AND s.state = 'merged' AND c.state = 'ROUTED');
