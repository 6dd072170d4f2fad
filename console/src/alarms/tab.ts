/** The browser's tab: its title and icon tell of alarms also to whoever looks at another page. */
const CALM = '/favicon.svg'
const ALARM = '/favicon-alarm.svg'

export function showInTab(title: string, ringing: boolean): void {
  document.title = title
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const href = ringing ? ALARM : CALM
  if (icon && icon.getAttribute('href') !== href) icon.setAttribute('href', href)
}
