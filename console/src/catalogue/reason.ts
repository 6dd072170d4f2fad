type Say = (key: string, facts: Record<string, unknown>) => string

/** What the hub says of a bad cell, as patterns with the word of `catalogue.reason` that says the same. */
const REASONS: readonly (readonly [string, RegExp])[] = [
  ['ambiguous', /^(?<name>.+) is the name of several units/],
  ['unknownNear', /^(?<name>.+) is no registered unit; did you mean (?<near>.+); confirm/],
  ['unknown', /^(?<name>.+) is no registered unit/],
  ['noUnit', /^no unit is named/],
  ['noLimit', /^there is no limit$/],
  ['notLimit', /^'(?<text>[^]*)' is no limit/],
  ['notOneLimit', /^'(?<text>[^]*)' is not one limit/],
  ['twoLimits', /^'(?<text>[^]*)' has two limits/],
  ['cases', /^these limits hold in different cases \((?<cases>.+)\)/],
  ['stepWords', /^(several limits, and .+|the step) has no words/],
  ['condition', /^the condition is empty/],
  ['differs', /^differs from (?<cell>\S+) of the same item/],
  ['twice', /^(?<key>\S+) occurs twice, first in (?<cell>.+)$/],
  ['noneOf', /^'(?<text>[^]*)' is none of (?<choices>.+)$/],
  ['yesNo', /^'(?<text>[^]*)' is neither 是 nor 否/],
  ['day', /^'(?<text>[^]*)' is no day/],
  ['number', /^'(?<text>[^]*)' is no number/],
  ['formula', /^a formula without its value/],
  ['kind', /say which kind it is/],
  ['long', /at most (?<count>\d+) characters/],
  ['pattern', /should match pattern/],
]

/** The reason of a bad cell in the reader's words; one that has none is shown as the hub says it. */
export function reasonText(reason: string, language: string, say: Say): string {
  if (language === 'en') return reason
  const own = reason.replace(/^there is no column for \w+: /, '')
  for (const [word, pattern] of REASONS) {
    const found = pattern.exec(own)
    if (found) return say(`catalogue.reason.${word}`, found.groups ?? {})
  }
  return reason
}
