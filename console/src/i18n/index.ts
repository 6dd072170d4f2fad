import { createI18n } from 'vue-i18n'

import { en } from './en'
import { zhCN } from './zh-CN'

export type Locale = 'zh-CN' | 'en'

const KEPT_AS = 'patrolhub.locale'

export const i18n = createI18n({
  legacy: false,
  locale: keptLocale(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  document.title = i18n.global.t('app.name')
  localStorage.setItem(KEPT_AS, locale)
}

/** What this person chose before, else what their browser speaks. */
export function keptLocale(): Locale {
  const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT_AS)
  if (kept === 'en' || kept === 'zh-CN') return kept
  return typeof navigator === 'undefined' || navigator.language.startsWith('zh') ? 'zh-CN' : 'en'
}
