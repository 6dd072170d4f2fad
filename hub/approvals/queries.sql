-- name: waiting
-- The oldest first.
SELECT c.case_id, c.case_no, c.version, c.item_key, c.cond_key,
       coalesce(nullif(i.body ->> 'title_zh', ''), c.item_key) AS title_zh,
       coalesce(nullif(i.body ->> 'title_en', ''), c.item_key) AS title_en,
       coalesce(nullif(k ->> 'text_zh', ''), c.cond_key) AS condition_text_zh,
       coalesce(nullif(k ->> 'text_en', ''), c.cond_key) AS condition_text_en,
       c.severity, c.state, c.lead_unit, lead.name_zh AS lead_unit_name_zh,
       lead.name_en AS lead_unit_name_en, c.territory_unit, area.name_zh AS territory_name_zh,
       area.name_en AS territory_name_en, c.filed_at, c.routed_at, c.due_at, c.overdue_at,
       c.feedback_at, c.closed_at, c.extensions, c.rework, c.bounces, c.person, c.plan, c.text,
       c.limit_type, c.limit_value,
       r.request ->> 'approval_id' AS approval_id, r.request ->> 'kind' AS kind,
       r.request ->> 'asked_by' AS asked_by, asker.name AS asked_by_name,
       (r.request ->> 'asked_at')::timestamptz AS asked_at, r.request ->> 'reason' AS reason,
       (r.request ->> 'until')::timestamptz AS until,
       (SELECT e.reason FROM journal e WHERE e.subject = 'case'
        AND e.subject_id = c.case_id::text AND e.event = 'explain'
        ORDER BY e.journal_id DESC LIMIT 1) AS explanation,
       (SELECT p.sha256 FROM case_evidence p WHERE p.case_id = c.case_id
        ORDER BY p.kind IN ('repair', 'step'), p.added_at, p.sha256 LIMIT 1) AS cover_evidence,
       count(*) OVER () AS total
FROM cases c
CROSS JOIN LATERAL jsonb_array_elements(c.requests) AS r(request)
LEFT JOIN account asker ON 'user:' || asker.username = r.request ->> 'asked_by'
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = c.cond_key
) AS found(k) ON true
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
LEFT JOIN unit area ON area.unit_key = c.territory_unit
WHERE c.requests <> '[]'
  AND (%(kinds)s::text[] IS NULL OR r.request ->> 'kind' = ANY(%(kinds)s))
  AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY asked_at, approval_id
LIMIT %(limit)s;
