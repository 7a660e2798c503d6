// Who counts as a visitor, and which variant they see. Pure; nothing is stored on their device and nothing that tells who they are is kept.
import { createHash, createHmac } from 'node:crypto';

/** What programs call themselves. A visit too few is better than one too many: verdicts and money hang on the count. */
const ROBOT =
  /bot\b|bot[/;_-]|crawl|spider|slurp|scrape|preview|fetch|monitor|uptime|pingdom|lighthouse|headless|phantom|selenium|playwright|puppeteer|facebookexternalhit|meta-external|whatsapp|telegram|discord|slack|skype|embedly|quora link|pinterest|vkshare|w3c_validator|validator|curl|wget|python|java\/|okhttp|axios|node|go-http|ruby|perl|libwww|httpclient|postman|insomnia|scan|gptbot|claude|anthropic|openai|perplexity|bytespider|google-|mediapartners|apis-google|feed|rss|archiver|ia_archiver/i;

/** Request headers, names in lower case. */
export type Headers = (name: string) => string | undefined;

/** Why a request is no visit; null when it is one. */
export function whyNoVisit(method: string, header: Headers): string | null {
  if (method !== 'GET') return 'not a GET';
  const agent = header('user-agent') ?? '';
  if (agent.length < 10 || ROBOT.test(agent)) return 'a program';
  if (!(header('accept') ?? '').includes('text/html')) return 'does not want a page';
  const purpose = `${header('purpose') ?? ''} ${header('sec-purpose') ?? ''} ${header('x-purpose') ?? ''} ${header('x-moz') ?? ''}`;
  if (/prefetch|prerender|preview/i.test(purpose)) return 'fetched ahead';
  const site = header('sec-fetch-dest');
  if (site !== undefined && site !== 'document') return 'not a page view';
  // Signed in to a console of ours: whoever forges that hides only their own visit.
  if (/(?:^|;\s*)jug_\d+=/.test(header('cookie') ?? '')) return 'an operator';
  return null;
}

const LOCAL = /^(?:::1|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::ffff:(?:127\.|10\.|192\.168\.)|f[cd])/i;

/** The visitor's address: of the connection, or behind our own tunnel the one that the tunnel saw (the last it appended). */
export function addressOf(peer: string | undefined, forwarded: string | undefined): string {
  const last = forwarded?.split(',').at(-1)?.trim() ?? '';
  if (peer === undefined || LOCAL.test(peer)) return last === '' ? (peer ?? 'unknown') : last.slice(0, 100);
  return peer;
}

export interface Choice {
  variant: string;
  /** Share of visitors against the others; 0 gets none unless all have 0. */
  weight: number;
}

/**
 * Weighted rendezvous hashing: each variant draws a number from the visitor's key, the best one is theirs. The same visitor gets the same
 * variant as long as it exists; a variant that goes away moves its own visitors only, a new one takes its share evenly from the others.
 * (Thaler & Ravishankar 1998; weights as in Schindelhauer & Schomaker 2005: −w / ln u.)
 * @param key of the visitor; keep it nowhere
 */
export function chooseVariant<One extends Choice>(choices: readonly One[], key: string): One | undefined {
  const weighted = choices.some(({ weight }) => weight > 0) ? choices.filter(({ weight }) => weight > 0) : choices;
  let best: One | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const choice of weighted) {
    const digest = createHash('sha256').update(`${choice.variant}\u0000${key}`).digest();
    // 48 bits, never 0: ln is finite.
    const uniform = (digest.readUIntBE(0, 6) + 1) / (2 ** 48 + 1);
    const score = -Math.max(choice.weight, 1) / Math.log(uniform);
    if (score > bestScore || (score === bestScore && choice.variant < (best?.variant ?? ''))) [best, bestScore] = [choice, score];
  }
  return best;
}

/** For {@link chooseVariant}: made anew at each visit and kept nowhere, so that a visitor stays in their variant over days without a cookie. */
export const visitorKey = (secret: string, pageId: number, address: string, agent: string): string =>
  createHmac('sha256', secret).update(`variant\u0000${pageId}\u0000${address}\u0000${agent}`).digest('base64url');

/** Under the salt of the day, which is thrown away with it: tells a second visit of the day from a first, and nothing else. */
export const seenHash = (salt: string, pageId: number, address: string, agent: string): string =>
  createHmac('sha256', salt).update(`${pageId}\u0000${address}\u0000${agent}`).digest('base64url').slice(0, 27);
