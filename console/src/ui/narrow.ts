import { onBeforeUnmount, ref, type Ref } from 'vue'

/** Whether there is little room across, as at 150 % zoom on a small screen: what matters less is left out. */
export function useNarrow(): Readonly<Ref<boolean>> {
  const media = window.matchMedia('(max-width: 1100px)')
  const narrow = ref(media.matches)
  const changed = (): void => void (narrow.value = media.matches)
  media.addEventListener('change', changed)
  onBeforeUnmount(() => media.removeEventListener('change', changed))
  return narrow
}
