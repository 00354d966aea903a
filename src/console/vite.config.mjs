// Builds the console's pages to dist/console: plain files, nothing from other hosts, no inline script or style.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  build: {
    outDir: here('../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // A data URL would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        verify: here('index.html'),
        seals: here('seals.html'),
        contracts: here('contracts.html'),
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8316' } },
});
