-- It was told that a signal waited longer for a person than the hall has for it.

ALTER TABLE signal ADD COLUMN accept_late_at timestamptz;
CREATE INDEX signal_accept_late ON signal (signal_id)
    WHERE accept_late_at IS NOT NULL AND state IN ('new', 'verifying');

COMMENT ON FUNCTION case_is_visible(text, text[], text) IS
    'Only for programs of the release before, which call it while a release is rolled out; dropped in the next one.';
