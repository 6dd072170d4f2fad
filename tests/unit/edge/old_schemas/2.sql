-- Schema version 2 of an edge node's database. Instants are ISO 8601 with offset.
BEGIN IMMEDIATE;

CREATE TABLE IF NOT EXISTS slots (
    detection_id   TEXT PRIMARY KEY,
    camera_id      TEXT NOT NULL,
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('candidate', 'confirmed', 'ended')),
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
    told_at        TEXT,
    doubt_since_at TEXT,
    CHECK (state = 'candidate' OR seq > 0)
) STRICT, WITHOUT ROWID;

-- The first look and the best one at what is not certain yet, ready to be sent.
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

-- What the broker has not acknowledged yet, in the order in which it must arrive.
CREATE TABLE IF NOT EXISTS outbox (
    outbox_id INTEGER PRIMARY KEY AUTOINCREMENT,
    worth     INTEGER NOT NULL CHECK (worth BETWEEN 0 AND 3),
    topic     TEXT NOT NULL,
    size      INTEGER NOT NULL,
    payload   BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_by_worth ON outbox (worth, outbox_id, size);

-- How many messages of each worth were dropped: over the disk's bound, or never deliverable.
CREATE TABLE IF NOT EXISTS dropped (
    worth INTEGER PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 2;
COMMIT;
