-- How far outside its bounds a place can still belong to the district; a place further away is no place.

ALTER TABLE district ADD COLUMN place_margin_m double precision NOT NULL DEFAULT 20000
    CHECK (place_margin_m >= 0);
