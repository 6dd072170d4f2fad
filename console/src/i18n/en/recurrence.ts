export const recurrence = {
  mark: 'Recurs',
  reopened: 'Came back within 7 days after it was closed; reopened {count} times',
  follows: 'The same issue was closed here within 30 days: {no}',
}
