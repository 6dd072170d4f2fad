-- Schema version 3 of an edge node's database. Instants are ISO 8601 with offset.
BEGIN IMMEDIATE;

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

-- The first and the best picture of what is not certain yet, ready to be sent.
CREATE TABLE pictures (
    sha256 TEXT PRIMARY KEY,
    jpeg   BLOB NOT NULL
) STRICT;
CREATE TABLE snapshots (
    detection_id TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('first', 'best')),
    sha256       TEXT NOT NULL,
    score        REAL NOT NULL,
    x REAL NOT NULL, y REAL NOT NULL, w REAL NOT NULL, h REAL NOT NULL,
    frame_at     TEXT NOT NULL,
    PRIMARY KEY (detection_id, role)
) STRICT, WITHOUT ROWID;

-- What the broker has not acknowledged yet, in the order in which it must arrive.
CREATE TABLE outbox (
    outbox_id INTEGER PRIMARY KEY AUTOINCREMENT,
    priority  INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
    topic     TEXT NOT NULL,
    size      INTEGER NOT NULL,
    payload   BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_by_priority ON outbox (priority, outbox_id, size);

-- How many messages of each priority were dropped: over the disk's bound, or never deliverable.
CREATE TABLE dropped (
    priority INTEGER PRIMARY KEY,
    count    INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 3;
COMMIT;
