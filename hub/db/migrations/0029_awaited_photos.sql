-- Reports and answers wait for the photos that they name; a photo that was refused is shown where it is named.

ALTER TABLE dead_letter_message ADD COLUMN photo_sha256 text
    GENERATED ALWAYS AS (substring(topic FROM '/evidence/([0-9a-f]{64})$')) STORED;
CREATE INDEX dead_letter_message_photo ON dead_letter_message (photo_sha256)
    WHERE photo_sha256 IS NOT NULL;

-- The last refusal of a device's photo; null without one.
CREATE FUNCTION photo_refusal_as_json(photo text, device text)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('reason', m.reason, 'at', m.received_at)
    FROM dead_letter_message m WHERE m.photo_sha256 = photo AND m.device_id = device
    ORDER BY m.received_at DESC LIMIT 1
$$;

-- The photos of a list that have not come, each with its refusal if it was refused.
CREATE FUNCTION missing_photos_as_json(photos jsonb, device text)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'sha256', p.sha256, 'refusal', photo_refusal_as_json(p.sha256, device)) ORDER BY nth), '[]')
    FROM jsonb_array_elements_text(coalesce(photos, '[]')) WITH ORDINALITY AS p (sha256, nth)
    WHERE NOT EXISTS (SELECT FROM evidence e WHERE e.sha256 = p.sha256)
$$;

CREATE INDEX command_awaits_photo ON command (command_id)
    WHERE type = 'snapshot' AND state = 'in_progress';
