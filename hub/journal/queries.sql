-- name: one_writer
-- Held to the end of the transaction, so that journal ids become visible in order and a reader
-- that resumes from a cursor misses nothing.
SELECT lock_journal();

-- name: last_hashes
SELECT s.subject, s.subject_id, j.hash
FROM unnest(%s::text[], %s::text[]) AS s (subject, subject_id)
CROSS JOIN LATERAL (
    SELECT hash FROM journal
    WHERE journal.subject = s.subject AND journal.subject_id = s.subject_id
    ORDER BY journal_id DESC LIMIT 1
) j;

-- name: append_all
INSERT INTO journal (at, subject, subject_id, kind, actor, event, from_state, to_state, reason,
                     data, prev_hash, hash)
SELECT at, subject, subject_id, kind, actor, event, from_state, to_state, reason, data::jsonb,
       prev_hash, hash
FROM unnest(%(at)s::timestamptz[], %(subject)s::text[], %(subject_id)s::text[], %(kind)s::text[],
            %(actor)s::text[], %(event)s::text[], %(from_state)s::text[], %(to_state)s::text[],
            %(reason)s::text[], %(data)s::text[], %(prev_hash)s::text[], %(hash)s::text[])
    WITH ORDINALITY AS new (at, subject, subject_id, kind, actor, event, from_state, to_state,
                            reason, data, prev_hash, hash, nth)
ORDER BY nth;

-- name: entries_of
SELECT journal_id, at, subject, subject_id, kind, actor, event, from_state, to_state, reason, data,
       prev_hash, hash
FROM journal WHERE subject = %s AND subject_id = %s ORDER BY journal_id;

-- name: entries_after
SELECT journal_id, at, subject, subject_id, kind, actor, event, from_state, to_state, reason, data,
       prev_hash, hash
FROM journal WHERE journal_id > %s ORDER BY journal_id LIMIT %s;

-- name: newest
SELECT journal_id, hash FROM journal ORDER BY journal_id DESC LIMIT 1;

-- name: is_known
-- Without a mark, whether the id has been reached; with one, whether it is still the same entry.
SELECT CASE WHEN %(mark)s = '' THEN %(journal_id)s <= coalesce((SELECT max(journal_id) FROM journal), 0)
            ELSE EXISTS (SELECT FROM journal
                         WHERE journal_id = %(journal_id)s AND starts_with(hash, %(mark)s)) END;

-- name: in_order
SELECT journal_id, at, subject, subject_id, kind, actor, event, from_state, to_state, reason, data,
       prev_hash, hash, position, chain
FROM journal WHERE position > %s ORDER BY position LIMIT %s;

-- name: head
SELECT position, journal_id, chain FROM journal ORDER BY position DESC LIMIT 1;

-- name: chain_at
SELECT chain FROM journal WHERE position = %s;

-- name: triggers_off
SELECT wanted FROM unnest(ARRAY['journal_is_append_only', 'journal_is_never_emptied',
                                'journal_is_one_chain']) AS wanted
WHERE NOT EXISTS (
    SELECT FROM pg_trigger t
    WHERE t.tgrelid = 'journal'::regclass AND t.tgname = wanted AND t.tgenabled <> 'D'
);

-- name: rights
-- What the role of this connection may do besides reading and appending.
SELECT current_user::text, array_to_string(array(
    SELECT lower(may) FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS may
    WHERE has_table_privilege('journal', may)
), ', ');
