export const recurrence = {
  mark: '复发',
  reopened: '结案后 7 天内复发，重新立案 {count} 次',
  follows: '30 天内在同一处复发，前案 {no}',
}
