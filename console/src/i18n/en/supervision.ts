export const supervision = {
  page: { studies: 'Joint studies', points: 'Points', ladder: 'Ladder', letters: 'Letters', lists: 'Lists', digest: 'Digest', approvals: 'Approvals', indicators: 'Indicators', scores: 'Scores', quality: 'AI quality' },
}
