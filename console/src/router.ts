import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'

import type { Right } from './api/types'
import type { ConsoleStore } from './state/console'

declare module 'vue-router' {
  interface RouteMeta {
    /** What a person needs to use the page, one of several; others are told that it isn't theirs. */
    right?: Right | readonly Right[]
  }
}

/** Pages under a tab inherit its right unless they have their own. test/pages.test.ts holds them against the hub's route table. */
export const ROUTES: readonly RouteRecordRaw[] = [
  { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue') },
  { path: '/password', name: 'password', component: () => import('./pages/PasswordPage.vue') },
  { path: '/', name: 'home', component: () => import('./pages/NotFoundPage.vue') },
  { path: '/dispatch/:caseId(\\d+)?', name: 'dispatch', meta: { right: 'read' }, component: () => import('./pages/DispatchPage.vue') },
  { path: '/waiting/:signalId(\\d+)?', name: 'waiting', meta: { right: 'observe' }, component: () => import('./pages/WaitingPage.vue') },
  { path: '/cases', name: 'cases', meta: { right: 'read' }, component: () => import('./pages/CasesPage.vue') },
  { path: '/cases/:caseId(\\d+)', name: 'case', meta: { right: 'read' }, component: () => import('./pages/CasePage.vue') },
  { path: '/devices/:deviceId?', name: 'devices', meta: { right: 'observe' }, component: () => import('./pages/DevicesPage.vue') },
  { path: '/letters', name: 'unitLetters', meta: { right: 'read' }, component: () => import('./pages/LettersPage.vue') },
  {
    path: '/supervision',
    name: 'supervision',
    meta: { right: 'observe' },
    redirect: { name: 'indicators' },
    component: () => import('./pages/SupervisionPage.vue'),
    children: [
      { path: 'approvals', name: 'approvals', component: () => import('./pages/ApprovalsPage.vue') },
      { path: 'studies', name: 'studies', component: () => import('./pages/StudiesPage.vue') },
      { path: 'ladder', name: 'ladder', component: () => import('./pages/LadderPage.vue') },
      { path: 'letters', name: 'letters', component: () => import('./pages/LettersPage.vue') },
      { path: 'lists', name: 'lists', component: () => import('./pages/ListsPage.vue') },
      { path: 'digest', name: 'digest', component: () => import('./pages/DigestPage.vue') },
      { path: 'indicators', name: 'indicators', component: () => import('./pages/IndicatorsPage.vue') },
      { path: 'scores', name: 'scores', component: () => import('./pages/ScoresPage.vue') },
      { path: 'quality', name: 'quality', component: () => import('./pages/QualityPage.vue') },
      { path: 'points', name: 'points', meta: { right: ['supervise', 'administer'] }, component: () => import('./pages/PointsPage.vue') },
    ],
  },
  {
    path: '/admin',
    name: 'admin',
    meta: { right: 'observe' },
    redirect: { name: 'catalogue' },
    component: () => import('./pages/AdminPage.vue'),
    children: [
      { path: 'catalogue/:itemKey?', name: 'catalogue', component: () => import('./pages/CataloguePage.vue') },
      { path: 'import', name: 'catalogue-import', meta: { right: 'administer' }, component: () => import('./pages/CatalogueImportPage.vue') },
      { path: 'calendar', name: 'calendar', component: () => import('./pages/CalendarPage.vue') },
      { path: 'people', name: 'people', meta: { right: ['supervise', 'administer'] }, component: () => import('./pages/PeoplePage.vue') },
      { path: 'accounts', name: 'accounts', meta: { right: 'administer' }, component: () => import('./pages/AccountsPage.vue') },
    ],
  },
  { path: '/audit', name: 'audit', meta: { right: 'audit' }, component: () => import('./pages/AuditPage.vue') },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
]

export function newRouter(store: ConsoleStore): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: ROUTES,
  })
  router.beforeEach(async (to) => {
    if (!store.session.view.known) await store.session.restore()
    const inside = store.session.view.account !== null
    if (to.name === 'login') return inside ? { name: store.session.home } : true
    if (inside && store.session.view.mustChangePassword && to.name !== 'password') {
      return { name: 'password', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    }
    if (!inside) return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    return to.name === 'home' ? { name: store.session.home } : true
  })
  return router
}
