export const textImport = {
  file: '选择 YAML 文件',
  restore: '恢复现行文本',
  try: '比对变更',
  same: '与现行版本相同，没有变更。',
  wrong: '文本有误，未导入任何内容。请按下列位置修改后重新比对：',
  reason: '变更理由（必填）',
  needsReason: '请写明变更理由。',
  tryFirst: '请先比对变更',
  send: '导入为新版本',
  done: '已导入为新版本',
}
