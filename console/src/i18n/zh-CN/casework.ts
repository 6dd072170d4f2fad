export const casework = {
  satisfaction: { satisfied: '满意', mostly: '基本满意', not: '不满意', no_answer: '未接通' },
}
