export const quality = {
  action: { join: 'join a case', reopen: 'reopen a case', file: 'file a case', wait: 'wait' },
  group: { camera: 'camera', class: 'class', model: 'model version' },
}
