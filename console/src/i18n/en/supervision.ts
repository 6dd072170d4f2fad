export const supervision = {
  page: { ladder: 'Ladder', letters: 'Letters', lists: 'Lists', digest: 'Digest', approvals: 'Approvals', indicators: 'Indicators', quality: 'AI quality' },
}
