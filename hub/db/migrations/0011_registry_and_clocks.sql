-- A GB/T 28181 id belongs to one device. Checked at the end of a transaction, so that two may swap.
ALTER TABLE device ADD CONSTRAINT device_gb28181_id_is_its_own
    UNIQUE (gb28181_id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE device
    -- the uplink by which a stale device came back; it is online once another one follows
    ADD COLUMN returned_at timestamptz,
    -- clock_skew_s is how far the device's clock is ahead of the hub's, negative where it is behind
    ADD COLUMN clock_measured_at timestamptz,
    ADD COLUMN clock text NOT NULL DEFAULT 'unknown'
        CHECK (clock IN ('unknown', 'right', 'ahead', 'behind'));
