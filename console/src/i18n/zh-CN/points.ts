export const points = {
  kind: {
    report: '有效上报',
    first_reporter: '首报加分',
    verification: '完成核实',
    duplicate: '重复上报',
    invalid: '无效上报',
    reversal: '冲销',
    payment: '兑付',
  },
  finding: { own_repair: '自报自办', same_place: '同一地点多次上报', photos_alike: '照片雷同' },
  verdict: { fine: '属实正常', gaming: '确有刷分' },
}
