export const casework = {
  satisfaction: { satisfied: 'Satisfied', mostly: 'Mostly satisfied', not: 'Not satisfied', no_answer: 'Not reached' },
  approval: { extension: 'Extension', suspension: 'Suspension', appeal: 'Appeal', void: 'Voiding' },
  stepState: { done: 'Done', running: 'Running', to_come: 'To come' },
}
