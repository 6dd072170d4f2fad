-- Photos: thumbnails that were made, damage that was noticed, and uploads that belong to nothing.

ALTER TABLE evidence
    ADD COLUMN damage text CHECK (damage IN ('missing', 'changed')),
    ADD COLUMN damaged_at timestamptz,
    ADD CHECK ((damage IS NULL) = (damaged_at IS NULL));

CREATE TABLE evidence_thumbnail (
    sha256 text NOT NULL REFERENCES evidence ON DELETE CASCADE,
    width integer NOT NULL,
    thumbnail_sha256 text NOT NULL,
    PRIMARY KEY (sha256, width)
);

-- Photos whose rows are gone and whose bytes are still to be deleted.
CREATE TABLE evidence_deletion (
    sha256 text PRIMARY KEY,
    since timestamptz NOT NULL
);

CREATE INDEX evidence_of_accounts ON evidence (username, received_at) WHERE username IS NOT NULL;
CREATE INDEX signal_evidence ON signal USING gin (evidence);

CREATE FUNCTION photo_is_linked(photo text) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM case_evidence WHERE sha256 = photo)
    OR EXISTS (SELECT FROM signal WHERE evidence @> ARRAY[photo]);
COMMENT ON FUNCTION photo_is_linked IS 'Whether a case or a signal names the photo.';
