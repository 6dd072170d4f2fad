import { ref } from 'vue'

import { useConsole } from '../state/console'

/** Acknowledging an alarm from a button: which case is being taken, and what went wrong last. */
export function useAcknowledge() {
  const store = useConsole()
  const busy = ref<number | null>(null)
  const trouble = ref<unknown>(null)

  async function take(caseId: number): Promise<void> {
    busy.value = caseId
    trouble.value = null
    try {
      await store.alarms.acknowledge(caseId)
    } catch (error) {
      trouble.value = error
    } finally {
      busy.value = null
    }
  }

  return { busy, trouble, take }
}
