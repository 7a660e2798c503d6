// What machines of our own ask: readiness, Prometheus metrics, and whether this is the bot of the same data.
import type { Hono } from 'hono';
import { readDatabaseIdentity } from '../../db/database-identity.ts';
import { toError } from './api-error.ts';
import { requireViewer } from './api-routes.ts';
import type { HttpParts } from './parts.ts';
import type { SignIn } from './sign-in.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export function addServiceRoutes(app: Hono, parts: HttpParts, signIn: SignIn): void {
  app.get('/readyz', async (c) => {
    const health = await parts.health();
    return c.json(health, health.status === 'down' ? 503 : 200);
  });

  app.get('/metrics', async (c) => {
    // Beyond loopback the numbers (costs, task counts) are for people with a role.
    if (!LOOPBACK.includes(parts.config.http.host)) {
      const visitor = await signIn.identify(c);
      if (visitor === null || !visitor.person.roles.has('viewer'))
        return c.json(toError('unauthorized', 'Send Authorization: Bearer TOKEN.'), 401);
    }
    return c.text(await parts.metricsText(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });

  // How a second start on this port finds out that it is ours, on its own data.
  app.get('/api/instance', async (c) => {
    const visitor = await requireViewer(c, signIn);
    return visitor instanceof Response ? visitor : c.json({ database: await readDatabaseIdentity(parts.db) });
  });
}
