export const casework = {
  satisfaction: { satisfied: 'Satisfied', mostly: 'Mostly satisfied', not: 'Not satisfied', no_answer: 'Not reached' },
}
