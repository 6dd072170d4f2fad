export const supervision = {
  page: { indicators: '指标' },
}
