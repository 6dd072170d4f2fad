export const textImport = {
  file: 'Choose a YAML file',
  restore: 'Back to the present text',
  try: 'Compare',
  same: 'The same as the version in force: nothing changes.',
  wrong: 'The text is wrong, and nothing was imported. Mend these places, then compare again:',
  reason: 'Why it changes (needed)',
  needsReason: 'Say why it changes.',
  tryFirst: 'Compare first',
  send: 'Import as a new version',
  done: 'Imported as a new version',
}
