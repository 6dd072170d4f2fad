-- Who holds a device and what it can do: as people registered it, and as it says itself. Of the holder
-- people's word counts, of capabilities the device's. What was there before may be either's; it counts
-- as registered.

ALTER TABLE device RENAME COLUMN holder TO holder_registered;
ALTER TABLE device RENAME COLUMN capabilities TO capabilities_registered;
ALTER TABLE device
    ADD COLUMN holder_reported text,
    ADD COLUMN capabilities_reported text[],
    ADD COLUMN holder text
        GENERATED ALWAYS AS (coalesce(holder_registered, holder_reported)) STORED,
    ADD COLUMN capabilities text[]
        GENERATED ALWAYS AS (coalesce(capabilities_reported, capabilities_registered)) STORED;
