// Bundles src/board.tsx for the browser that draws the pictures: node build.mjs OUT.js
import { build } from 'esbuild';

// The code editor of @grafana/ui is a third of the bundle, and no panel has one.
const withoutEditor = {
  name: 'without-editor',
  setup(builder) {
    builder.onResolve({ filter: /monaco-editor|@monaco-editor\/react/ }, ({ path }) => ({ path, namespace: 'empty' }));
    builder.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({
      contents: 'export default () => null; export const loader = { config() {} }, languages = {}, editor = {};' +
        'export const Editor = () => null, DiffEditor = () => null, useMonaco = () => null;',
    }));
  },
};

// @grafana/scenes asks for the router of version 6 under the name of version 5.
const oneRouter = {
  name: 'one-router',
  setup(builder) {
    builder.onResolve({ filter: /^react-router-dom$/ }, ({ importer, kind, resolveDir }) =>
      importer.includes('@grafana/scenes') ? builder.resolve('react-router-dom-v5-compat', { kind, resolveDir }) : undefined
    );
  },
};

await build({
  entryPoints: ['src/board.tsx'],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'chrome120',
  jsx: 'automatic',
  conditions: ['browser', 'module', 'import'],
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'window' },
  loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
  logLevel: 'warning',
  plugins: [withoutEditor, oneRouter],
});
