// One HTTP server for programs, people and payment events: guards first, then the routes.
import { Hono } from 'hono';
import { addActionRoutes } from '../console/action-routes.ts';
import { addAssets } from '../console/assets.ts';
import { addConsoleRoutes } from '../console/console-routes.ts';
import { html } from '../console/markup.ts';
import { askToken, respondBare, type Session } from '../console/session.ts';
import { addStreamRoutes } from '../console/stream-routes.ts';
import { type AllowedHosts, allowHosts } from './allowed-hosts.ts';
import { createRef, toError } from './api-error.ts';
import { addApiRoutes } from './api-routes.ts';
import { openListener } from './listener.ts';
import { describeMenu } from './menu.ts';
import { MessageTail } from './message-tail.ts';
import { addOrderRoutes } from './order-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import type { HttpParts } from './parts.ts';
import { addPublicStyle } from './public-page.ts';
import { addServiceRoutes } from './service-routes.ts';
import { createSignIn } from './sign-in.ts';
import { addSignedRoutes } from './signed-routes.ts';
import { addUnsubscribeRoutes } from './unsubscribe-routes.ts';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface RunningHttp {
  port: number;
  stop(): Promise<void>;
}

/**
 * Listens on config.http; port 0 takes any free one.
 * @throws Error with code EADDRINUSE when the port is held by someone else.
 */
export async function startHttp(parts: HttpParts): Promise<RunningHttp> {
  const ending = new AbortController();
  const tail = new MessageTail(parts.db, parts.log, parts.onMessages);
  const address = { port: parts.config.http.port };
  let hosts: AllowedHosts = allowHosts(parts.config.http, address.port);
  const late: AllowedHosts = { has: (host) => hosts.has(host), hasOrigin: (origin) => hosts.hasOrigin(origin) };
  const signIn = createSignIn(parts, late, () => address.port);
  const app = await createRoutes({ parts, signIn, hosts: late }, tail, ending.signal);

  const listener = await openListener(app.fetch, parts.config.http);
  address.port = listener.port;
  hosts = allowHosts(parts.config.http, address.port);

  return {
    port: address.port,
    stop: async () => {
      ending.abort();
      tail.stop();
      await listener.close();
    },
  };
}

async function createRoutes(session: Session, tail: MessageTail, signal: AbortSignal): Promise<Hono> {
  const app = new Hono();
  const menu = describeMenu(session.parts.commands);
  addGuards(app, session);
  addSignedRoutes(app, session.parts);
  addServiceRoutes(app, session.parts, session.signIn);
  await addPublicStyle(app);
  addPageRoutes(app, session.parts);
  addUnsubscribeRoutes(app, session.parts);
  addOrderRoutes(app, session.parts);
  addApiRoutes(app, session.parts, session.signIn);
  addStreamRoutes(app, session, tail, signal);
  await addAssets(app);
  addActionRoutes(app, session, menu);
  addConsoleRoutes(app, session, menu);
  return app;
}

function addGuards(app: Hono, session: Session): void {
  const { parts, signIn, hosts } = session;
  const isApi = (path: string) => path.startsWith('/api/') || path.startsWith('/webhooks/') || path.startsWith('/slack/');

  app.use(async (c, next) => {
    c.header('Content-Security-Policy', CSP);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    if (!c.req.path.startsWith('/assets/')) c.header('Cache-Control', 'no-store');
    if (!hosts.has(c.req.header('host') ?? null)) return c.json(toError('misdirected', 'This address is not served here.'), 421);
    await next();
    return undefined;
  });

  // The console's link carries the token once; it leaves the address bar and the history at the first step.
  app.use(async (c, next) => {
    const token = c.req.query('token');
    if (c.req.method !== 'GET' || token === undefined || isApi(c.req.path)) {
      await next();
      return undefined;
    }
    if (!(await signIn.acceptToken(c, token))) return askToken(c, 'This link is out of date.');
    const url = new URL(c.req.url);
    url.searchParams.delete('token');
    return c.redirect(`${url.pathname.replace(/^\/+/, '/')}${url.search}`, 303);
  });

  app.notFound((c) =>
    isApi(c.req.path)
      ? c.json(toError('not_found', `There is nothing at ${c.req.path}.`), 404)
      : respondBare(c, 404, 'Not here', html`<p>There is nothing at this address. <a href="/">Back to the feed</a></p>`),
  );

  app.onError((error, c) => {
    const ref = createRef();
    parts.log.error({ err: error, ref, path: c.req.path }, 'an HTTP request broke');
    const words = `Something broke (ref ${ref}). It is in the log under that name.`;
    return isApi(c.req.path)
      ? c.json(toError('broken', words, ref), 500)
      : respondBare(c, 500, 'Something broke', html`<p>${words}</p><p><a href="/">Back to the feed</a></p>`);
  });
}
