export const supervision = {
  page: { approvals: 'Approvals', indicators: 'Indicators' },
}
