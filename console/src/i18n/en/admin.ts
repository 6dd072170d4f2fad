export const admin = {
  page: { catalogue: 'Catalogue', 'catalogue-import': 'Import', calendar: 'Calendar', accounts: 'Accounts' },
}
