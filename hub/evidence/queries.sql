-- name: record
INSERT INTO evidence (sha256, bytes, width, height, device_id, username, received_at, taken_at,
                      lon, lat)
VALUES (%(sha256)s, %(bytes)s, %(width)s, %(height)s, %(device_id)s, %(username)s,
        %(received_at)s, %(taken_at)s, %(lon)s, %(lat)s)
ON CONFLICT (sha256) DO NOTHING;

-- name: facts
SELECT sha256, bytes, width, height, device_id, username, received_at, taken_at, lon, lat,
       perceptual_hash
FROM evidence WHERE sha256 = %s;

-- name: set_perceptual_hash
UPDATE evidence SET perceptual_hash = %s WHERE sha256 = %s;

-- name: similar
-- Other photos whose perceptual hash differs in at most %(bits)s bits.
SELECT e.sha256, c.case_id FROM evidence e JOIN case_evidence c USING (sha256)
WHERE e.sha256 <> %(sha256)s
  AND bit_count((e.perceptual_hash # %(perceptual_hash)s)::bit(64)) <= %(bits)s
ORDER BY c.case_id LIMIT 5;

-- name: seen_by_unit
-- Whether a photo belongs to a case of the unit, to the result of a command for such a case, or was
-- uploaded by the account itself.
SELECT EXISTS (
    SELECT FROM case_evidence e JOIN cases c USING (case_id)
    WHERE e.sha256 = %(sha256)s
      AND case_is_visible(c.lead_unit, c.assist_units, %(unit_key)s)
) OR EXISTS (
    SELECT FROM command m JOIN cases c USING (case_id)
    WHERE m.result -> 'evidence' ? %(sha256)s
      AND case_is_visible(c.lead_unit, c.assist_units, %(unit_key)s)
) OR EXISTS (
    SELECT FROM evidence WHERE sha256 = %(sha256)s AND username = %(username)s
);

-- name: place
-- What a device reports about its photos afterwards; known facts are kept.
UPDATE evidence SET lon = %(lon)s, lat = %(lat)s, taken_at = coalesce(taken_at, %(taken_at)s)
WHERE sha256 = ANY(%(photos)s) AND device_id = %(device_id)s AND lon IS NULL;
