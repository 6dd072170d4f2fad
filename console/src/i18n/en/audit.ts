export const audit = {
  kind: { track: 'Track', positions: 'Positions', photo: 'Photo', video: 'Live video', contact: 'Contact of a reporter', export: 'Export', audit: 'Audit' },
}
