-- From schema version 1 or 2 to 3: slots become tracks, shots snapshots, worth a priority.
BEGIN IMMEDIATE;

-- Version 1 had neither pictures nor shots.
CREATE TABLE IF NOT EXISTS pictures (
    sha256 TEXT PRIMARY KEY,
    jpeg   BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS shots (
    detection_id TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('first', 'best')),
    sha256       TEXT NOT NULL,
    score        REAL NOT NULL,
    x REAL NOT NULL, y REAL NOT NULL, w REAL NOT NULL, h REAL NOT NULL,
    frame_at     TEXT NOT NULL,
    PRIMARY KEY (detection_id, role)
) STRICT, WITHOUT ROWID;
ALTER TABLE shots RENAME TO snapshots;

CREATE TABLE tracks (
    detection_id   TEXT PRIMARY KEY,
    camera_id      TEXT NOT NULL,
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('tentative', 'confirmed', 'lost')),
    label          TEXT NOT NULL,
    x REAL NOT NULL, y REAL NOT NULL, w REAL NOT NULL, h REAL NOT NULL,
    score          REAL NOT NULL,
    first_seen_at  TEXT NOT NULL,
    seen_at        TEXT NOT NULL,
    looked_at      TEXT NOT NULL,
    fault          REAL NOT NULL,
    sound          REAL NOT NULL,
    urgent         REAL NOT NULL,
    hits           INTEGER NOT NULL,
    sound_hits     INTEGER NOT NULL,
    sound_since_at TEXT,
    misses         INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    published_at   TEXT,
    doubt_since_at TEXT,
    CHECK (state = 'tentative' OR seq > 0)
) STRICT, WITHOUT ROWID;
INSERT INTO tracks
SELECT detection_id, camera_id, kind,
       CASE state WHEN 'candidate' THEN 'tentative' WHEN 'ended' THEN 'lost' ELSE state END,
       label, x, y, w, h, score, first_seen_at, seen_at, looked_at, fault, sound, urgent,
       hits, sound_hits, sound_since_at, misses, seq, told_at, doubt_since_at
FROM slots;
DROP TABLE slots;

DROP INDEX outbox_by_worth;
ALTER TABLE outbox RENAME COLUMN worth TO priority;
CREATE INDEX outbox_by_priority ON outbox (priority, outbox_id, size);
ALTER TABLE dropped RENAME COLUMN worth TO priority;

PRAGMA user_version = 3;
COMMIT;
