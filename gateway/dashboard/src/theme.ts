/** Dark or light: as the viewer's system has it, until the viewer says otherwise. */
import { useEffect, useSyncExternalStore } from 'react'
import type { Theme } from './map-style.ts'

const storedAs = 'theme'
const dark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()
const chosen = (): Theme | null => {
  const stored = localStorage.getItem(storedAs)
  return stored === 'light' || stored === 'dark' ? stored : null
}
const current = (): Theme => chosen() ?? (dark.matches ? 'dark' : 'light')
const tell = () => {
  for (const listener of listeners) listener()
}
dark.addEventListener('change', tell)

export function useTheme(): { theme: Theme; turn: () => void } {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, current)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return {
    theme,
    turn: () => {
      localStorage.setItem(storedAs, theme === 'dark' ? 'light' : 'dark')
      tell()
    },
  }
}
