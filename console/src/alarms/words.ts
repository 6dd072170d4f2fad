import type { CaseAlarm } from '../api/types'
import { useWords } from '../i18n/words'

const OLD_S = 120

/** An alarm in words: who calls, and how the place is known. */
export function useAlarmWords() {
  const { t, span } = useWords()

  function who(alarm: Pick<CaseAlarm, 'holder' | 'device_id'>): string {
    return alarm.holder ? t('alarm.who', { holder: alarm.holder, device: alarm.device_id }) : alarm.device_id
  }

  /** Empty for a fresh place. */
  function where(alarm: Pick<CaseAlarm, 'place_source' | 'place_age_s'>): string {
    const ageS = alarm.place_age_s ?? 0
    if (alarm.place_source === 'territory' || alarm.place_source === 'district') return t(`alarm.place.${alarm.place_source}`)
    if (alarm.place_source === 'last_position') return t('alarm.place.last_position', { age: span(ageS) })
    return ageS > OLD_S ? t('alarm.place.old', { age: span(ageS) }) : ''
  }

  /** Whether the person may be somewhere else than the place says. */
  function isVague(alarm: Pick<CaseAlarm, 'place_source' | 'place_age_s'>): boolean {
    return alarm.place_source === 'territory' || alarm.place_source === 'district' || (alarm.place_age_s ?? 0) > OLD_S
  }

  return { who, where, isVague }
}
