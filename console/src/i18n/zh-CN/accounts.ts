export const accounts = {
  scope: { district: '全区', territory: '属地及下级', unit: '责任单位' },
}
