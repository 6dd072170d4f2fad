-- What waits for a person, and why: signals that nobody has decided about, and reports of open cases
-- whose photo shows something else.

CREATE VIEW waiting_signal AS
SELECT signal_id,
       array_remove(ARRAY[reason, CASE WHEN doubted_at IS NOT NULL THEN 'photo_disagrees' END],
                    NULL) AS why
FROM signal WHERE state IN ('new', 'verifying')
UNION ALL
SELECT s.signal_id, ARRAY['photo_disagrees']
FROM signal s JOIN cases c USING (case_id)
WHERE s.doubted_at IS NOT NULL AND s.state NOT IN ('new', 'verifying')
  AND c.state NOT IN ('CLOSED', 'MERGED', 'VOID');
