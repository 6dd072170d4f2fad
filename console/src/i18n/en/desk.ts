export const desk = {
  sort: { urgency: 'Urgency', deadline: 'Deadline', filed: 'Filed', severity: 'Severity', unit: 'Unit' },
}
