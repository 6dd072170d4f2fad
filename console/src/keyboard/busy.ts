/** Keys belong to the field that is being written in, to a dialog while it is open, arrows to the map. */
export function busyElsewhere({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input, textarea, select, [contenteditable="true"]')) return true
  if (target.matches('canvas') && key.startsWith('Arrow')) return true
  return target.closest('.el-overlay') !== null || document.querySelector('.el-overlay:not([style*="display: none"])') !== null
}
