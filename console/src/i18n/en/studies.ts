export const studies = {
  position: { ours: 'Ours', shared: 'We assist', not_ours: 'Not ours', opinion: 'Opinion' },
  proposal: { proposed: 'Waiting for a decision', accepted: 'In the catalogue', declined: 'Declined' },
}
