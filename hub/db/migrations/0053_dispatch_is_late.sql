-- It was told that a case had no unit after the time that the hall has for it.

ALTER TABLE cases ADD COLUMN dispatch_late_at timestamptz;
