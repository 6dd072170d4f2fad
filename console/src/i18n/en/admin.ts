export const admin = {
  page: { catalogue: 'Catalogue' },
}
