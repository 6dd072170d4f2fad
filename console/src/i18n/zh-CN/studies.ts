export const studies = {
  position: { ours: '归我单位', shared: '愿意协办', not_ours: '不归我单位', opinion: '补充意见' },
  proposal: { proposed: '待审定', accepted: '已纳入确权清单', declined: '未采纳' },
}
