// What every console route begins with: who is it, may they look, and the frame their page is drawn in.
import type { Context } from 'hono';
import type { AllowedHosts } from '../http/allowed-hosts.ts';
import type { ErrorStatus } from '../http/api-error.ts';
import { readBody, tooLarge } from '../http/body.ts';
import type { HttpParts } from '../http/parts.ts';
import { isSameSite, type SignIn, type Visitor } from '../http/sign-in.ts';
import { countWaiting } from './approval-page-store.ts';
import { type Frame, renderBarePage } from './layout.ts';
import { type Html, html } from './markup.ts';

/** Forms carry words, not files. */
const FORM_BYTES = 256 * 1024;

export interface Session {
  parts: HttpParts;
  signIn: SignIn;
  hosts: AllowedHosts;
}

export function respond(c: Context, page: Html, status: ErrorStatus | 200 | 410 = 200): Response {
  return c.html(page.toString(), status);
}

/** htmx swaps pieces into a page that is already there. */
export function isFragment(c: Context): boolean {
  return c.req.header('hx-request') === 'true';
}

export function respondBare(c: Context, status: ErrorStatus | 200 | 410, title: string, body: Html): Response {
  return respond(
    c,
    isFragment(c) ? html`<div class="problem"><strong>${title}</strong>${body}</div>` : renderBarePage(title, body),
    status,
  );
}

/** The visitor, or the page that says how to become one. */
export async function requireConsole(c: Context, { signIn }: Session): Promise<Visitor | Response> {
  const visitor = await signIn.identify(c);
  if (visitor === null) return askToken(c, null);
  if (!visitor.person.roles.has('viewer')) {
    return respondBare(
      c,
      403,
      'No role yet',
      html`<p>You are <code>${visitor.person.platformId}</code>, and this bot gives you no role yet.</p><p>An owner can add you with <code>team</code>, or with this line in <code>.env</code>:</p><pre>JUG_VIEWERS=${visitor.person.platformId}</pre>`,
    );
  }
  return visitor;
}

export function askToken(c: Context, problem: string | null): Response {
  return respondBare(
    c,
    401,
    'Sign in',
    html`<p>Open the link that <code>npm start</code> printed. Or paste the token; the local one is in the data directory, in the file <code>token</code>.</p>
    <form class="sheet-form" method="post" action="/sign-in"><label class="field"><span>Token</span><input type="password" name="token" required autofocus autocomplete="off"></label>${problem !== null && html`<p class="problem">${problem}</p>`}<button type="submit" class="primary">Sign in</button></form>`,
  );
}

export async function readFrame({ parts }: Session, visitor: Visitor): Promise<Frame> {
  const { config, db } = parts;
  return { visitor, mode: config.mode, isPlaybook: config.brain === null, timezone: config.timezone, waiting: await countWaiting(db) };
}

/** A form's fields, bounded; the last of several with one name wins. */
export async function readForm(c: Context): Promise<Record<string, string> | Response> {
  const raw = await readBody(c, FORM_BYTES);
  if (raw === null) return respondBare(c, 413, 'Too long', html`<p>${tooLarge(FORM_BYTES)}</p>`);
  return Object.fromEntries(new URLSearchParams(raw.toString('utf8')));
}

/** Signed in, sent by our own page, bounded. */
export async function readOwnForm(c: Context, session: Session): Promise<{ visitor: Visitor; form: Record<string, string> } | Response> {
  const visitor = await requireConsole(c, session);
  if (visitor instanceof Response) return visitor;
  // Refused before the body is read; the form's own token is checked after.
  if (!isSameSite(c, session.hosts)) return refuseForeign(c);
  const form = await readForm(c);
  if (form instanceof Response) return form;
  if (!session.signIn.isOwnPost(c, visitor, c.req.header('x-csrf-token') ?? form['_csrf'])) return refuseForeign(c);
  return { visitor, form };
}

function refuseForeign(c: Context): Response {
  return respondBare(
    c,
    403,
    'Not from here',
    html`<p>This form came from another page or an old session. Nothing was done. <a href="/">Reload the console</a> and try again.</p>`,
  );
}
