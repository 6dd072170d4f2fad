-- Whoever keeps the polygons of the territories in memory asks whether they are still the same.

CREATE TABLE territory_version (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    version uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO territory_version DEFAULT VALUES;

CREATE FUNCTION renew_territory_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE territory_version SET version = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER territory_renews_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON territory
    FOR EACH STATEMENT EXECUTE FUNCTION renew_territory_version();
CREATE TRIGGER unit_renews_version AFTER UPDATE OR DELETE ON unit
    FOR EACH STATEMENT EXECUTE FUNCTION renew_territory_version();
