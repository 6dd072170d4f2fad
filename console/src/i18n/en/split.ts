export const split = {
  act: 'Split off',
  title: 'Take signals out of the case',
  hint: 'Signals to take out: {count}. Their photos go with them, and they do not join this case again by themselves.',
  to: 'Then',
  newCase: 'A case of its own',
  waiting: 'Back to waiting',
  needsReason: 'Say why they do not belong together.',
  do: 'Split off',
  done: 'Filed as case {no}',
  doneWaiting: 'The signal waits again',
}
