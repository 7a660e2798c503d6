// The listener of JUG_PUBLIC_PORT: only signed requests, offers' pages, customers' downloads and liveness, so that a tunnel to it never publishes the console or the API.
import { Hono } from 'hono';
import type { Log } from '../../observability/logger.ts';
import { createRef, toError } from './api-error.ts';
import { openListener } from './listener.ts';
import { addOrderRoutes, type OrderParts } from './order-routes.ts';
import { addPageRoutes, type PageParts } from './page-routes.ts';
import { addPublicStyle } from './public-page.ts';
import { addSignedRoutes, type SignedParts } from './signed-routes.ts';
import { addUnsubscribeRoutes } from './unsubscribe-routes.ts';

export interface PublicParts extends SignedParts, OrderParts, PageParts {
  host: string;
  /** 0 takes any free one. */
  port: number;
  log: Log;
}

export interface PublicHttp {
  port: number;
  stop(): Promise<void>;
}

/**
 * Whatever Host a tunnel sends is taken: nothing here trusts a browser.
 * @throws Error with code EADDRINUSE when the port is held by someone else.
 */
export async function startPublicHttp(parts: PublicParts): Promise<PublicHttp> {
  const listener = await openListener((await createRoutes(parts)).fetch, parts);
  return { port: listener.port, stop: listener.close };
}

/**
 * @param hasPeers whether another living process of ours works on the same data: then it has the port.
 * @returns null when it has.
 * @throws Error with one sentence that says what to do when anybody else holds the port.
 */
export async function startOrLeavePublicHttp(parts: PublicParts, hasPeers: () => Promise<boolean>): Promise<PublicHttp | null> {
  try {
    return await startPublicHttp(parts);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (await hasPeers()) return null;
    throw new Error(
      `Port ${parts.port} on ${parts.host} (JUG_PUBLIC_PORT) is held by another program: stop it, or set JUG_PUBLIC_PORT to a free port.`,
      { cause: error },
    );
  }
}

async function createRoutes(parts: PublicParts): Promise<Hono> {
  const { log, acceptPaymentEvent, handleSlack } = parts;
  const app = new Hono();
  app.use(async (c, next) => {
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    if (!c.req.path.endsWith('.css')) c.header('Cache-Control', 'no-store');
    await next();
  });
  await addPublicStyle(app);
  addPageRoutes(app, parts);
  addUnsubscribeRoutes(app, parts);
  addOrderRoutes(app, parts);
  addSignedRoutes(app, { acceptPaymentEvent, handleSlack });
  app.notFound((c) => c.json(toError('not_found', 'There is nothing at this address.'), 404));
  app.onError((error, c) => {
    const ref = createRef();
    log.error({ err: error, ref, path: c.req.path }, 'a public HTTP request broke');
    return c.json(toError('broken', `Something broke (ref ${ref}).`, ref), 500);
  });
  return app;
}
