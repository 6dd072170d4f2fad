export const letters = {
  kind: { assignment: '交办函', reminder: '提醒函', supervision: '督办函', order: '督办单' },
  state: { sent: '已发出', received: '已签收', answered: '已回复', recalled: '已撤回' },
  language: { zh: '中文', en: '英文' },
}
