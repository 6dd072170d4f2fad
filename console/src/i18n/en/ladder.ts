export const ladder = {
  addressee: { lead_unit: 'Lead unit', assist_units: 'Assisting units', superior_unit: 'Unit above', territory_unit: 'Territory', supervisors: 'Supervisors' },
  halt: { no_deadline: 'No deadline yet', fed_back: 'Fed back', suspended: 'Suspended', exempt: 'Appeal granted', ended: 'Ended' },
  kind: { reminder: 'Reminder', explanation: 'Explanation', letter: 'Letter', weekly_list: 'Weekly list' },
}
