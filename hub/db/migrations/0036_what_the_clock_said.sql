-- What a device's clock said of a signal, where that was not taken because the clock is wrong.

ALTER TABLE signal ADD COLUMN stamped_at timestamptz;
CREATE OR REPLACE VIEW signal_record AS
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at, content_sha256, stamped_at
FROM signal;
