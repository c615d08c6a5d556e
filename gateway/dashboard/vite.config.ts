/** How the pages are built: two entries, hashed names, each file beside its gzip and brotli forms. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** Smaller ones fit into one packet as they are. */
const compressedBytesMin = 1_024

/** What is served a thousand times is compressed once, and better than a server would while somebody waits. */
const compressed = (): Plugin => ({
  name: 'compressed',
  writeBundle({ dir: folder }) {
    if (folder === undefined) return
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(m?js|css|html|svg)$/.test(name)) continue
      const bytes = readFileSync(join(folder, name))
      if (bytes.length < compressedBytesMin) continue
      writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
      // The best quality takes seconds for the map library; this one is 3 % larger.
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
      writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }))
    }
  },
})

export default defineConfig({
  root: at('.'),
  logLevel: 'warn',
  plugins: [compressed()],
  build: {
    target: 'es2023',
    outDir: at('dist'),
    emptyOutDir: true,
    // A data: URL of a style or a script would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The map library alone is past it, and loaded after the page.
    chunkSizeWarningLimit: 1_600,
    rolldownOptions: {
      input: [at('index.html'), at('track.html')],
      onLog: (level, log, tell) => {
        // `use client` is for frameworks that render on a server, and says nothing here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log)
      },
    },
  },
})
