export const casework = {
  satisfaction: { satisfied: '满意', mostly: '基本满意', not: '不满意', no_answer: '未接通' },
  approval: { extension: '延期', suspension: '挂起', appeal: '申诉', void: '作废' },
  stepState: { done: '已完成', running: '办理中', to_come: '待开始' },
}
