import './styles/element'
import './styles/tokens.css'
import './styles/base.css'
import './ui/shared.css'
import './map/map.css'

import { createApp } from 'vue'

import App from './App.vue'
import { i18n, keptLocale, setLocale } from './i18n'
import { newRouter } from './router'
import { watchTouches } from './keyboard/unused'
import { ConsoleStore, CONSOLE_STORE } from './state/console'

const store = new ConsoleStore()
setLocale(keptLocale())
watchTouches(window)

createApp(App).use(i18n).use(newRouter(store)).provide(CONSOLE_STORE, store).mount('#app')
