export const supervision = {
  page: { indicators: 'Indicators' },
}
