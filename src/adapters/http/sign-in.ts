// Who is asking: a Bearer token (API, terminal) or the console's cookie. Roles are read again at every request.
import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Surface } from '../../chat/command.ts';
import { equalSecrets } from '../../core/secret.ts';
import { findPerson, findTokenOwner } from '../../domain/people/people-store.ts';
import type { Person } from '../../domain/people/role.ts';
import type { AllowedHosts } from './allowed-hosts.ts';
import type { HttpParts } from './parts.ts';

const LOCAL_OWNER = 'console:owner';
const COOKIE_DAYS = 30;

export interface Visitor {
  person: Person;
  surface: Surface;
  /** What a form of this session must carry; only a cookie session has one. */
  csrf: string;
  byCookie: boolean;
}

export interface SignIn {
  identify(context: Context): Promise<Visitor | null>;
  /** Null when the token is good and the cookie is set. */
  acceptToken(context: Context, token: string): Promise<boolean>;
  /** True unless a cookie session's POST comes from another site or lacks the session's own token. */
  isOwnPost(context: Context, visitor: Visitor, given: string | undefined): boolean;
}

/** @param port tells two bots on one host apart: cookies ignore ports. */
export function createSignIn(parts: Pick<HttpParts, 'db' | 'config' | 'localToken'>, hosts: AllowedHosts, port: () => number): SignIn {
  const cookieName = () => `jug_${port()}`;
  const secure = parts.config.http.publicUrl?.startsWith('https://') ?? false;

  async function findOwner(token: string): Promise<string | null> {
    if (equalSecrets(token, parts.localToken)) return LOCAL_OWNER;
    return await findTokenOwner(parts.db, token);
  }

  async function visit(token: string, byCookie: boolean, surface: Surface): Promise<Visitor | null> {
    const owner = token === '' || token.length > 500 ? null : await findOwner(token);
    if (owner === null) return null;
    const csrf = createHmac('sha256', token).update('csrf').digest('base64url');
    return { person: await findPerson(parts.db, owner, parts.config.people), surface, csrf, byCookie };
  }

  return {
    async identify(context) {
      const header = context.req.header('authorization');
      if (header !== undefined) {
        const token = /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1] ?? '';
        return await visit(token, false, context.req.header('x-jug-surface') === 'terminal' ? 'terminal' : 'api');
      }
      return await visit(getCookie(context, cookieName()) ?? '', true, 'console');
    },
    async acceptToken(context, token) {
      if ((await visit(token, true, 'console')) === null) return false;
      setCookie(context, cookieName(), token, { path: '/', httpOnly: true, sameSite: 'Strict', secure, maxAge: COOKIE_DAYS * 86_400 });
      return true;
    },
    isOwnPost(context, visitor, given) {
      if (!visitor.byCookie) return true;
      return isSameSite(context, hosts) && given !== undefined && equalSecrets(given, visitor.csrf);
    },
  };
}

/** Browsers name the sender; our pages send no referrer, so `Origin` may read `null` and Sec-Fetch-Site decides. */
export function isSameSite(context: Context, hosts: AllowedHosts): boolean {
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = context.req.header('origin');
  return origin === undefined || hosts.hasOrigin(origin);
}
