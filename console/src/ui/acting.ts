import { ref, type Ref } from 'vue'

import { useWords } from '../i18n/words'

/** Does one thing at a time, and keeps whether it goes on and what went wrong with it. */
export function useActing(): { busy: Ref<boolean>; trouble: Ref<string>; act: (work: () => Promise<void>) => Promise<void> } {
  const { problem } = useWords()
  const busy = ref(false)
  const trouble = ref('')

  async function act(work: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = true
    trouble.value = ''
    try {
      await work()
    } catch (error) {
      trouble.value = problem(error)
    } finally {
      busy.value = false
    }
  }

  return { busy, trouble, act }
}
