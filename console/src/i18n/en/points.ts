export const points = {
  kind: {
    report: 'Valid report',
    first_reporter: 'First reporter',
    verification: 'Verification',
    duplicate: 'Duplicate',
    invalid: 'Invalid report',
    reversal: 'Reversal',
    payment: 'Payment',
  },
  finding: { own_repair: 'Reported and repaired by the same', same_place: 'Many reports at one place', photos_alike: 'Photos alike' },
  verdict: { fine: 'Nothing wrong', gaming: 'Gaming' },
}
