export const admin = {
  page: { catalogue: 'Catalogue', 'catalogue-import': 'Import', calendar: 'Calendar', people: 'Grid workers', accounts: 'Accounts' },
}
