-- name: record
INSERT INTO evidence (sha256, bytes, width, height, device_id, username, received_at, taken_at,
                      lon, lat, perceptual_hash)
VALUES (%(sha256)s, %(bytes)s, %(width)s, %(height)s, %(device_id)s, %(username)s,
        %(received_at)s, %(taken_at)s, %(lon)s, %(lat)s, %(perceptual_hash)s)
ON CONFLICT (sha256) DO UPDATE SET received_at = excluded.received_at
    -- An account that sends its unused photo again has another day to use it.
    WHERE evidence.username = excluded.username AND NOT photo_is_linked(evidence.sha256);

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

-- name: place
-- What a device reports about its photos afterwards; known facts are kept.
UPDATE evidence SET lon = %(lon)s, lat = %(lat)s, taken_at = coalesce(taken_at, %(taken_at)s)
WHERE sha256 = ANY(%(photos)s) AND device_id = %(device_id)s AND lon IS NULL;

-- name: thumbnail
SELECT thumbnail_sha256 FROM evidence_thumbnail WHERE sha256 = %(sha256)s AND width = %(width)s;

-- name: record_thumbnail
INSERT INTO evidence_thumbnail (sha256, width, thumbnail_sha256)
SELECT %(sha256)s, %(width)s, %(thumbnail_sha256)s
WHERE EXISTS (SELECT FROM evidence WHERE sha256 = %(sha256)s)
ON CONFLICT (sha256, width) DO UPDATE SET thumbnail_sha256 = excluded.thumbnail_sha256;

-- name: note_damage
UPDATE evidence SET damage = %(damage)s, damaged_at = %(at)s
WHERE sha256 = %(sha256)s AND damage IS DISTINCT FROM %(damage)s;

-- name: note_repaired
UPDATE evidence SET damage = NULL, damaged_at = NULL
WHERE sha256 = %(sha256)s AND damage IS NOT NULL;

-- name: unlinked_of_account
-- How many photos of an account belong to nothing, this one left out.
SELECT count(*) FROM evidence
WHERE username = %(username)s AND sha256 <> %(sha256)s AND NOT photo_is_linked(sha256);

-- name: keep_bytes
DELETE FROM evidence_deletion WHERE sha256 = %s;

-- name: lock_unlinked
-- Photos of accounts that belonged to nothing for too long.
SELECT sha256 FROM evidence
WHERE username IS NOT NULL AND received_at < %(before)s AND NOT photo_is_linked(sha256)
ORDER BY received_at LIMIT %(share)s FOR UPDATE SKIP LOCKED;

-- name: delete_unlinked
-- They are looked at again once they are locked.
WITH gone AS (
    DELETE FROM evidence WHERE sha256 = ANY(%(photos)s) AND NOT photo_is_linked(sha256)
    RETURNING sha256
)
INSERT INTO evidence_deletion (sha256, since) SELECT sha256, %(now)s FROM gone
ON CONFLICT (sha256) DO NOTHING;

-- name: bytes_to_delete
-- A photo that came in again meanwhile keeps its bytes.
WITH due AS (
    DELETE FROM evidence_deletion WHERE sha256 IN (
        SELECT sha256 FROM evidence_deletion ORDER BY since LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING sha256
)
SELECT sha256 FROM due WHERE NOT EXISTS (SELECT FROM evidence e WHERE e.sha256 = due.sha256);

-- name: known_photos
SELECT sha256 FROM evidence WHERE sha256 > %s ORDER BY sha256 LIMIT %s;

-- name: known_among
SELECT sha256 FROM evidence WHERE sha256 = ANY(%(photos)s)
UNION SELECT sha256 FROM evidence_deletion WHERE sha256 = ANY(%(photos)s);

-- name: count_photos
SELECT count(*) FROM evidence;
