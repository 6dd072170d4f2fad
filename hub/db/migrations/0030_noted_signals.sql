-- A low battery or an absence is noted by a person, who may remind the holder; it is neither a case nor false.

ALTER TABLE signal DROP CONSTRAINT signal_state_check;
ALTER TABLE signal ADD CONSTRAINT signal_state_check CHECK (state IN
    ('new', 'merged', 'verifying', 'accepted', 'rejected', 'snoozed', 'noted'));
