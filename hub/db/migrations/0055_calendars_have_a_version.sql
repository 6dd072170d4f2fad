-- Whoever keeps the calendar in memory asks whether it is still the same.

CREATE TABLE calendar_version (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    version uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO calendar_version DEFAULT VALUES;

CREATE FUNCTION renew_calendar_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE calendar_version SET version = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER calendar_renews_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON calendar_day
    FOR EACH STATEMENT EXECUTE FUNCTION renew_calendar_version();
