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

export function keptLocale(): Locale {
  return typeof localStorage !== 'undefined' && localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh-CN'
}
