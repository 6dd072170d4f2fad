export const indicators = {
  kind: { day: '日', week: '周', month: '月', year: '年', days: '自定义', all: '全部' },
  by: {
    unit: '责任单位',
    township: '乡镇（街道）',
    item: '事项',
    source: '来源',
    severity: '严重程度',
    reporter: '采集终端',
    receiver: '受理员',
    dispatcher: '派遣员',
    shift_lead: '值班长',
  },
  press: { reminders: '催办', unanswered_letters: '逾期未复函' },
  publication: { current: '现行', superseded: '已被新版取代' },
}
