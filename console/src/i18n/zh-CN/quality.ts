export const quality = {
  action: { join: '并入案件', reopen: '重新立案', file: '立案', wait: '等待核实' },
  group: { camera: '摄像头', class: '类别', model: '模型版本' },
}
