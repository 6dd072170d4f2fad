-- name: newest
SELECT week FROM weekly_list ORDER BY week DESC LIMIT 1;

-- name: lock
SELECT minutes FROM weekly_list WHERE week = %s FOR NO KEY UPDATE;

-- name: put
INSERT INTO weekly_list (week, generated_at, generated_by) VALUES (%(week)s, %(now)s, %(actor)s)
ON CONFLICT (week) DO UPDATE SET generated_at = excluded.generated_at,
    generated_by = excluded.generated_by;

-- name: drop_unruled
DELETE FROM weekly_list_item WHERE week = %s AND ruling IS NULL;

-- name: add_items
INSERT INTO weekly_list_item (week, case_id, reasons)
SELECT %(week)s, case_id, reasons FROM (
    SELECT c.case_id, array_remove(ARRAY[
        CASE WHEN c.state = 'JOINT_STUDY' OR c.suspended_until IS NOT NULL OR c.extensions >= 2
                  OR c.bounces >= 2 OR c.filed_at < %(long_before)s
             THEN 'hard_to_close' END,
        CASE WHEN (i.body ->> 'kind' = 'dispute' AND c.filed_at >= %(since)s)
                  OR EXISTS (SELECT FROM journal j WHERE j.subject = 'case'
                             AND j.subject_id = c.case_id::text
                             AND j.event IN ('return', 'refer_study') AND j.at >= %(since)s)
             THEN 'newly_disputed' END,
        CASE WHEN c.recurrence_of IS NOT NULL
                  OR EXISTS (SELECT FROM journal j WHERE j.subject = 'case'
                             AND j.subject_id = c.case_id::text AND j.event = 'recur')
             THEN 'recurring' END,
        CASE WHEN c.overdue_at IS NOT NULL AND c.exempt_at IS NULL THEN 'overdue' END,
        CASE WHEN c.rework >= 2 THEN 'twice_reworked' END
    ], NULL) AS reasons
    FROM cases c
    LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
    WHERE case_is_open(c.state)
) found
WHERE cardinality(reasons) > 0
ON CONFLICT (week, case_id) DO UPDATE SET reasons = excluded.reasons;

-- name: listed
SELECT c.case_no, t.reasons FROM weekly_list_item t JOIN cases c USING (case_id)
WHERE t.week = %s ORDER BY c.case_no;

-- name: set_minutes
UPDATE weekly_list SET minutes = %(minutes)s, minutes_at = %(now)s, minutes_by = %(actor)s
WHERE week = %(week)s;

-- name: rule
UPDATE weekly_list_item SET ruling = %(ruling)s, ruled_at = %(now)s, ruled_by = %(actor)s
WHERE week = %(week)s AND case_id = %(case_id)s RETURNING case_id;

-- name: lists
SELECT w.week, w.generated_at, w.generated_by, w.minutes, w.minutes_at, w.minutes_by,
       count(t.case_id) AS cases, count(t.ruling) AS ruled
FROM weekly_list w LEFT JOIN weekly_list_item t USING (week)
WHERE %(week)s::date IS NULL OR w.week = %(week)s
GROUP BY w.week ORDER BY w.week DESC LIMIT 60;

-- name: items
SELECT t.case_id, c.case_no, c.state, c.severity, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, c.text, lead.name_zh AS lead_unit_name_zh,
       lead.name_en AS lead_unit_name_en, area.name_zh AS territory_name_zh,
       area.name_en AS territory_name_en, c.filed_at, c.due_at, c.overdue_at, c.rework, c.extensions,
       c.bounces, t.reasons, t.ruling, t.ruled_at, a.name AS ruled_by_name
FROM weekly_list_item t
JOIN cases c USING (case_id)
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
LEFT JOIN unit area ON area.unit_key = c.territory_unit
LEFT JOIN account a ON 'user:' || a.username = t.ruled_by
WHERE t.week = %(week)s AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY cardinality(t.reasons) DESC, array_position(ARRAY['high', 'mid', 'low'], c.severity),
         c.filed_at, c.case_id;
