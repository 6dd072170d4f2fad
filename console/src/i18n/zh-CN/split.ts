export const split = {
  act: '拆出',
  title: '从案件中拆出线索',
  hint: '拆出 {count} 条线索，照片随之转出，不会再自动并回原案。',
  to: '拆出后',
  newCase: '另立新案',
  waiting: '退回待核实',
  needsReason: '请写明拆出的理由。',
  do: '拆出',
  done: '已另立案件 {no}',
  doneWaiting: '线索已退回待核实',
}
