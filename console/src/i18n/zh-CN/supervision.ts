export const supervision = {
  page: { studies: '联合研判', points: '积分', ladder: '催办', letters: '函件', lists: '清单', digest: '专报', approvals: '审批', indicators: '指标', scores: '评分', quality: '识别质量' },
}
