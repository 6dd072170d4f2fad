export const accounts = {
  scope: { district: 'District', territory: 'Territory and below', unit: 'Unit' },
}
