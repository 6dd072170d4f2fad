export const desk = {
  sort: { urgency: '紧急程度', deadline: '截止时间', filed: '立案时间', severity: '严重程度', unit: '责任单位' },
}
