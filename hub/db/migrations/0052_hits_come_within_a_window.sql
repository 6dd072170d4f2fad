-- When a detection that is not decided yet had how many hits: they count within the detector's window only.

CREATE TABLE detection_sighting (
    signal_id bigint NOT NULL REFERENCES signal ON DELETE CASCADE,
    frame_at timestamptz NOT NULL,
    hits integer NOT NULL,
    PRIMARY KEY (signal_id, frame_at)
);
