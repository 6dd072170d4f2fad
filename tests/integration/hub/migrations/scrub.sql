-- Nothing secret, nothing of the machine that the demo ran on, and no more samples than a test needs.

-- Of the password "of this dump only".
UPDATE account SET password_hash = '$argon2id$v=19$m=65536,t=3,p=4$cGMLr+lV6XvPSeLvbnPXQw$MZE8wfm/TkqijhYNEftNveHn6XqXAQ2YioNmv6+oqtc';
UPDATE account_session SET token_hash = encode(sha256(convert_to(token_hash, 'UTF8')), 'hex');
UPDATE video_grant SET token_hash = encode(sha256(convert_to(token_hash, 'UTF8')), 'hex');
UPDATE outbox
SET payload = convert_to(
    regexp_replace(convert_from(payload, 'UTF8'), '"token":"[^"]*"', '"token":"of the demo"'), 'UTF8')
WHERE topic LIKE '%/commands/%';
UPDATE _yoyo_log SET id = gen_random_uuid()::text, hostname = 'demo', username = 'demo';
DELETE FROM procrastinate_workers;

DELETE FROM telemetry t USING (
    SELECT device_id, boot_id, seq, observed_at,
           row_number() OVER (PARTITION BY device_id ORDER BY observed_at) AS number
    FROM telemetry
) n
WHERE (t.device_id, t.boot_id, t.seq, t.observed_at) = (n.device_id, n.boot_id, n.seq, n.observed_at)
  AND n.number > 20;
DELETE FROM map_feature WHERE map_feature_id > 60;
