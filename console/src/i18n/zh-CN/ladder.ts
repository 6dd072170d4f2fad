export const ladder = {
  addressee: { lead_unit: '主办单位', assist_units: '协办单位', superior_unit: '上级单位', territory_unit: '属地', supervisors: '督办员' },
  halt: { no_deadline: '尚无时限', fed_back: '已反馈', suspended: '已挂起', exempt: '申诉已批准', ended: '已结束' },
  kind: { reminder: '提醒', explanation: '说明原因', letter: '发函', weekly_list: '列入每周清单' },
}
