-- Cameras whose frames show nothing are monitored, as batteries and posts are.

ALTER TABLE monitoring_episode DROP CONSTRAINT IF EXISTS monitoring_episode_matter_check;
ALTER TABLE monitoring_episode DROP CONSTRAINT IF EXISTS duty_episode_matter_check;
ALTER TABLE monitoring_episode ADD CONSTRAINT monitoring_episode_matter_check
    CHECK (matter IN ('low_battery', 'off_post', 'camera_blind'));
