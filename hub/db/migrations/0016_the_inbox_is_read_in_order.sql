-- The inbox is only read from its oldest message on, and no more by device.

DROP INDEX inbox_pending;

-- The planner mostly knows the inbox as empty; it would rather sort all that waits than read the
-- first of it by the index.
CREATE FUNCTION oldest_of_inbox(among bigint)
    RETURNS TABLE (inbox_id bigint, device_id text, leaf text, attempts integer, retry_at timestamptz)
    LANGUAGE sql STABLE
    SET enable_bitmapscan = off
    SET enable_seqscan = off
AS $$
    SELECT inbox_id, device_id, leaf, attempts, retry_at FROM inbox
    WHERE state = 'pending' ORDER BY inbox_id LIMIT among
$$;
