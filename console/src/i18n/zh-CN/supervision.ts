export const supervision = {
  page: { approvals: '审批', indicators: '指标' },
}
