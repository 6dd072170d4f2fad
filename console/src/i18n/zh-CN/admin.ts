export const admin = {
  page: { catalogue: '确权清单' },
}
