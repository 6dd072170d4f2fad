-- A token for watching opens one view, and both end with the log-in that asked for it. `login` is the hash of
-- that log-in's token.

ALTER TABLE video_grant ADD COLUMN login text, ADD COLUMN used_at timestamptz;
ALTER TABLE video_view ADD COLUMN login text;

-- Calls have a time to finish; those that are under way at this moment get it, too.

UPDATE command SET finish_within_s = CASE type WHEN 'talk_start' THEN 20 ELSE 600 END
WHERE type IN ('talk_start', 'broadcast') AND finish_within_s IS NULL AND command_is_active(state);
