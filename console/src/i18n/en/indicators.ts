export const indicators = {
  kind: { day: 'Day', week: 'Week', month: 'Month', year: 'Year', days: 'Any days', all: 'All time' },
  by: {
    unit: 'Unit',
    township: 'Township',
    item: 'Item',
    source: 'Source',
    severity: 'Severity',
    reporter: 'Reporter',
    receiver: 'Receiver',
    dispatcher: 'Dispatcher',
    shift_lead: 'Shift lead',
  },
  press: { reminders: 'Reminders', unanswered_letters: 'Unanswered letters' },
  publication: { current: 'current', superseded: 'superseded' },
}
