// The frame of every page for people outside: no script, no cookie, its own stylesheet, and a policy that lets nothing else in.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Context, Hono } from 'hono';
import { sha256 } from '../../core/canonical-json.ts';
import { type Html, html } from '../console/markup.ts';

const CSP = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/** With a dot in it, which no page's address has. */
const STYLE_PATH = '/o/page.css';
const STYLE_FILE = fileURLToPath(new URL('./assets/page.css', import.meta.url));

export type PublicStatus = 200 | 400 | 404 | 410 | 503;

export async function addPublicStyle(app: Hono): Promise<void> {
  const body = await readFile(STYLE_FILE, 'utf8');
  const etag = `"${sha256(body).slice(0, 32)}"`;
  app.get(STYLE_PATH, (c) => {
    const headers = { 'cache-control': 'public, max-age=300', etag };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    return c.body(body, 200, { ...headers, 'content-type': 'text/css; charset=utf-8' });
  });
}

/** @param meta goes into the head as `page-version`: which version of which variant this is */
export function renderPublic(page: { title: string; body: Html; meta?: string; hidden?: boolean }): Html {
  return html`<!doctype html><html lang="en"><head>
    <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    ${page.hidden !== false && html`<meta name="robots" content="noindex">`}${page.meta !== undefined && html`<meta name="page-version" content="${page.meta}">`}
    <title>${page.title}</title><link rel="stylesheet" href="${STYLE_PATH}">
  </head><body>${page.body}</body></html>`;
}

export function respondPublic(c: Context, status: PublicStatus, page: Html): Response {
  c.header('Content-Security-Policy', CSP);
  c.header('Referrer-Policy', 'no-referrer');
  c.header('Cache-Control', 'no-store');
  return c.html(page.toString(), status);
}

/** A short message on a sheet. */
export function respondSheet(c: Context, status: PublicStatus, title: string, body: Html): Response {
  return respondPublic(c, status, renderPublic({ title, body: html`<main><div class="sheet"><h1>${title}</h1>${body}</div></main>` }));
}
