import './styles/element'
import './styles/tokens.css'
import './styles/base.css'

import { createApp } from 'vue'

import App from './App.vue'
import { i18n, keptLocale, setLocale } from './i18n'
import { newRouter } from './router'
import { Console, CONSOLE } from './state/console'

const patrol = new Console()
setLocale(keptLocale())

createApp(App).use(i18n).use(newRouter(patrol)).provide(CONSOLE, patrol).mount('#app')
