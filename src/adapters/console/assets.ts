// The static files: read once, served with their hash as ETag. Nothing is loaded from another site.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import { sha256 } from '../../core/canonical-json.ts';

interface Asset {
  name: string;
  type: string;
  path: string;
}

const own = (name: string) => fileURLToPath(new URL(`./assets/${name}`, import.meta.url));
const HTMX = fileURLToPath(import.meta.resolve('htmx.org/dist/htmx.min.js'));

const ASSETS: readonly Asset[] = [
  { name: 'console.css', type: 'text/css; charset=utf-8', path: own('console.css') },
  { name: 'console.js', type: 'text/javascript; charset=utf-8', path: own('console.js') },
  { name: 'command-box.js', type: 'text/javascript; charset=utf-8', path: own('command-box.js') },
  { name: 'icon.svg', type: 'image/svg+xml', path: own('icon.svg') },
  { name: 'htmx.js', type: 'text/javascript; charset=utf-8', path: HTMX },
];

export async function addAssets(app: Hono): Promise<void> {
  for (const { name, type, path } of ASSETS) {
    const body = await readFile(path, 'utf8');
    const etag = `"${sha256(body).slice(0, 32)}"`;
    app.get(`/assets/${name}`, (c) => {
      const headers = { 'cache-control': 'no-cache', etag };
      if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
      return c.body(body, 200, { ...headers, 'content-type': type });
    });
  }
}
