-- Who, what, where: district, units, territories, assets, devices, accounts.

CREATE TABLE district (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    center_lon double precision NOT NULL,
    center_lat double precision NOT NULL,
    bounds double precision[] NOT NULL CHECK (cardinality(bounds) = 4)
);

CREATE TABLE unit (
    unit_key text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('department', 'territory')),
    level text CHECK (level IN ('district', 'township', 'village')),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    parent text REFERENCES unit,
    CHECK ((kind = 'territory') = (level IS NOT NULL))
);

CREATE TABLE territory (
    unit_key text PRIMARY KEY REFERENCES unit,
    boundary jsonb NOT NULL  -- GeoJSON geometry, WGS-84
);

CREATE TABLE map_feature (
    map_feature_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer text NOT NULL CHECK (layer IN ('road', 'water', 'place')),
    properties jsonb NOT NULL,
    geometry jsonb NOT NULL
);

CREATE TABLE asset (
    asset_id text PRIMARY KEY,
    type text NOT NULL,
    owner_unit text REFERENCES unit,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL
);
CREATE INDEX asset_by_place ON asset (lat, lon);

CREATE TABLE device (
    device_id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('terminals', 'cameras', 'edges')),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    unit_key text REFERENCES unit,
    holder text,
    capabilities text[] NOT NULL DEFAULT '{}',
    lon double precision,
    lat double precision,
    coverage_m double precision,
    heading_deg double precision,
    cameras text[] NOT NULL DEFAULT '{}',
    gb28181_id text CHECK (gb28181_id ~ '^[0-9]{20}$'),
    registered_at timestamptz NOT NULL,
    -- what the device says of itself
    boot_id text,
    link text NOT NULL DEFAULT 'offline' CHECK (link IN ('online', 'offline')),
    firmware text,
    status_at timestamptz,
    -- what the hub knows: computed from the last uplink
    last_uplink_at timestamptz,
    presence text NOT NULL DEFAULT 'never'
        CHECK (presence IN ('never', 'online', 'stale', 'offline')),
    clock_skew_s double precision,
    health jsonb
);
CREATE INDEX device_by_kind ON device (kind, device_id);

CREATE TABLE account (
    username text PRIMARY KEY CHECK (username ~ '^[a-z0-9][a-z0-9_.-]{1,63}$'),
    name text NOT NULL,
    role text NOT NULL
        CHECK (role IN ('dispatcher', 'seat_operator', 'unit_handler', 'supervisor', 'admin')),
    unit_key text REFERENCES unit,
    password_hash text NOT NULL,
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    CHECK (role <> 'unit_handler' OR unit_key IS NOT NULL)
);

CREATE TABLE account_session (
    token_hash text PRIMARY KEY,
    username text NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE login_failure (
    username text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX login_failure_recent ON login_failure (username, at);
