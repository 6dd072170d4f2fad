-- The ids that devices give are their own: two devices may use the same, and neither loses a message.
-- A key that is used again with other content is noticed.

ALTER TABLE inbox
    ADD COLUMN payload_sha256 text,   -- of the bytes that the device sent
    ADD COLUMN content_sha256 text;   -- of what they say, whatever their form; null without an identity

ALTER TABLE signal
    ADD COLUMN content_sha256 text,
    DROP CONSTRAINT signal_identity_key,
    ADD CONSTRAINT signal_key UNIQUE NULLS NOT DISTINCT (device_id, identity);

CREATE OR REPLACE VIEW signal_record AS
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at, content_sha256
FROM signal;
