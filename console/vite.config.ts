import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const hub = process.env.PATROLHUB_DEV_HUB ?? 'http://127.0.0.1:8000'

function chunkOf(id: string): string | undefined {
  if (!id.includes('node_modules')) return undefined
  if (id.includes('maplibre')) return 'map'
  if (id.includes('element-plus') || id.includes('@element-plus')) return 'element'
  return undefined
}

export default defineConfig({
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false },
  build: {
    target: 'es2022',
    // A data: URI would need a wider content security policy than the hub gives.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1300,
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        manualChunks: chunkOf,
        // Some servers know no media type for .mjs, and a worker with a wrong one does not start.
        assetFileNames: (asset) =>
          asset.names[0]?.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: { proxy: { '/api': hub, '/video': hub } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
})
