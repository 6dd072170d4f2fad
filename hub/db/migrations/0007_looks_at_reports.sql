-- What the model sees on the photos of terminals' reports. A row without a verdict is a look to come.

CREATE TABLE report_look (
    signal_id bigint NOT NULL REFERENCES signal,
    sha256 text NOT NULL,
    asked_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    taken_until timestamptz,  -- a worker is at it; after that it has died, and another tries
    looked_at timestamptz,
    verdict text CHECK (verdict IN ('agrees', 'disagrees', 'unsure')),
    boxes jsonb NOT NULL DEFAULT '[]',  -- [{label, score, x, y, w, h}], first what decided
    model jsonb,  -- {name, version, sha256}; null where nothing could look
    note text,
    PRIMARY KEY (signal_id, sha256),
    CHECK ((looked_at IS NULL) = (verdict IS NULL))
);
CREATE INDEX report_look_to_come ON report_look (asked_at) WHERE looked_at IS NULL;

-- Since when a person is asked to compare the report with its photo; null once somebody has.
ALTER TABLE signal ADD COLUMN doubted_at timestamptz;
CREATE INDEX signal_doubted ON signal (case_id) WHERE doubted_at IS NOT NULL;

-- Reports from before that somebody still decides about are looked at, too.
INSERT INTO report_look (signal_id, sha256, asked_at)
SELECT DISTINCT s.signal_id, photo, s.received_at
FROM signal s CROSS JOIN unnest(s.evidence) AS photo LEFT JOIN cases c USING (case_id)
WHERE s.source = 'terminal' AND s.type = 'report'
  AND (s.state IN ('new', 'verifying') OR c.state NOT IN ('CLOSED', 'MERGED', 'VOID'));
