-- name: insert_read
INSERT INTO audited_read (at, username, role, kind, route, subject, asked, address, page)
VALUES (%(at)s, %(username)s, %(role)s, %(kind)s, %(route)s, %(subject)s, %(asked)s, %(address)s,
        %(page)s);

-- name: reads
SELECT r.read_id, r.at, r.username, coalesce(a.name, r.username) AS name, r.role, r.kind, r.route,
       r.subject, r.asked, r.address, r.page
FROM audited_read r LEFT JOIN account a USING (username)
WHERE (%(before)s::bigint IS NULL OR r.read_id < %(before)s)
  AND (%(username)s::text IS NULL OR r.username = %(username)s)
  AND (%(kinds)s::text[] IS NULL OR r.kind = ANY (%(kinds)s))
  AND (%(subject)s::text IS NULL OR strpos(r.subject, %(subject)s) > 0
       OR strpos(r.page, %(subject)s) > 0)
  AND (%(address)s::text IS NULL OR r.address = %(address)s)
  AND (%(since)s::timestamptz IS NULL OR r.at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR r.at < %(until)s)
ORDER BY r.read_id DESC LIMIT %(limit)s;

-- name: forget_reads
DELETE FROM audited_read WHERE read_id IN (
    SELECT read_id FROM audited_read WHERE at < %s ORDER BY at LIMIT %s);
