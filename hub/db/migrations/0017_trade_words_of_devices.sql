-- The words of the trade: a revision of what a device should run, an episode of monitoring.

ALTER TABLE device_wish RENAME TO desired_revision;
ALTER INDEX device_wish_waiting RENAME TO desired_revision_pending;
ALTER TABLE duty_episode RENAME TO monitoring_episode;
ALTER INDEX duty_episode_open RENAME TO monitoring_episode_open;
ALTER SEQUENCE duty_episode_episode_id_seq RENAME TO monitoring_episode_episode_id_seq;

-- Which constraints have names of their own differs between versions of PostgreSQL.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT conrelid::regclass AS of_table, conname AS name,
               regexp_replace(regexp_replace(conname, '^device_wish_', 'desired_revision_'),
                              '^duty_episode_', 'monitoring_episode_') AS new_name
        FROM pg_constraint
        WHERE conrelid IN ('desired_revision'::regclass, 'monitoring_episode'::regclass)
          AND conname ~ '^(device_wish|duty_episode)_'
    LOOP
        EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I',
                       old.of_table, old.name, old.new_name);
    END LOOP;
END
$$;
