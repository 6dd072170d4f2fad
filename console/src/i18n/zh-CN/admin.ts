export const admin = {
  page: { catalogue: '确权清单', 'catalogue-import': '清单导入', calendar: '工作日历', people: '网格员', accounts: '账号' },
}
