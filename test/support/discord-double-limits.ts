// Rate limits as Discord keeps them: one bucket per route and place with its headers, 50 requests a second over all, scripted 429s.
import type { Answer } from './discord-double-endpoint.ts';
import type { Rule, World } from './discord-double-model.ts';

const GLOBAL: Rule = { limit: 50, perSeconds: 1 };

/** Known by observation, not documented; the rest is wide. */
export const BUCKETS: Record<string, Rule> = {
  'POST /channels/:channel/messages': { limit: 5, perSeconds: 5 },
  'PATCH /channels/:channel/messages/:message': { limit: 5, perSeconds: 5 },
  'DELETE /channels/:channel/messages/:message': { limit: 5, perSeconds: 1 },
  'PUT /channels/:channel/messages/:message/reactions/:emoji/@me': { limit: 1, perSeconds: 0.25 },
};
const WIDE: Rule = { limit: 50, perSeconds: 1 };

interface Bucket {
  left: number;
  resetAt: number;
}

export class RateLimits {
  readonly #world: World;
  readonly #buckets = new Map<string, Bucket>();
  /** Route or `global`: how long it lasts from the first request that meets it on. */
  readonly #scripted = new Map<string, { seconds: number; global: boolean }>();
  readonly #blockedUntil = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  limitNext(route: string, seconds: number, global: boolean): void {
    this.#scripted.set(route, { seconds, global });
  }

  #draw(key: string, rule: Rule): Bucket {
    const now = Date.now();
    const known = this.#buckets.get(key);
    const bucket = known && known.resetAt > now ? known : { left: rule.limit, resetAt: now + rule.perSeconds * 1000 };
    bucket.left -= 1;
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #findBlock(route: string, open: boolean): { seconds: number; global: boolean } | null {
    const scripted = this.#scripted.get(route);
    if (scripted) {
      this.#scripted.delete(route);
      this.#blockedUntil.set(scripted.global ? 'global' : route, Date.now() + scripted.seconds * 1000);
    }
    for (const key of open ? [route] : ['global', route]) {
      const wait = (this.#blockedUntil.get(key) ?? 0) - Date.now();
      if (wait > 0) return { seconds: wait / 1000, global: key === 'global' };
    }
    return null;
  }

  /** Writes the headers of this request's bucket. @returns the 429, when there is one */
  take(route: string, params: Record<string, string>, open: boolean, headers: Record<string, string>): Answer | null {
    const blocked = this.#findBlock(route, open);
    if (blocked) return this.#refuse(blocked.seconds, blocked.global, headers);
    // Interaction and webhook routes are outside the bot's 50 a second.
    const whole = open ? null : this.#draw('global', GLOBAL);
    if (whole && whole.left < 0) return this.#refuse((whole.resetAt - Date.now()) / 1000, true, headers);
    const rule = this.#world.buckets[route] ?? WIDE;
    // Each interaction is a resource of its own: one bucket for all acknowledgements would hold a bot to 50 clicks a second.
    const major =
      params['channel'] ??
      params['guild'] ??
      params['interaction'] ??
      (params['application'] ? `${params['application']}/${params['token'] ?? ''}` : '');
    const bucket = this.#draw(`${route} ${major}`, rule);
    const wait = Math.max(0, (bucket.resetAt - Date.now()) / 1000);
    headers['x-ratelimit-limit'] = String(rule.limit);
    headers['x-ratelimit-remaining'] = String(Math.max(0, bucket.left));
    headers['x-ratelimit-reset'] = (bucket.resetAt / 1000).toFixed(3);
    headers['x-ratelimit-reset-after'] = wait.toFixed(3);
    headers['x-ratelimit-bucket'] = Buffer.from(route).toString('hex').slice(-32);
    return bucket.left < 0 ? this.#refuse(wait, false, headers) : null;
  }

  #refuse(seconds: number, global: boolean, headers: Record<string, string>): Answer {
    headers['retry-after'] = String(Math.ceil(seconds));
    headers['x-ratelimit-scope'] = global ? 'global' : 'user';
    headers['x-ratelimit-reset-after'] = seconds.toFixed(3);
    if (global) headers['x-ratelimit-global'] = 'true';
    return { status: 429, body: { message: 'You are being rate limited.', retry_after: seconds, global } };
  }
}
