// Three shapes of search service behind one port: SearXNG, Brave and Tavily. The owner names the address; the answer is a stranger's text.
import { z } from 'zod';
import { storableText } from '../../core/canonical-json.ts';
import { AppError, Upstream } from '../../core/errors.ts';
import type { SearchHit, WebSearch } from '../../domain/tools/web-search.ts';
import type { SearchConfig } from '../../tool-config.ts';
import { tooSlow, unreadable } from './fetch-failure.ts';
import { dialTcp, resolveName } from './guarded-connection.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { cleanText, cutText } from './readable-text.ts';

const ANSWER_MS = 15_000;
const LONGEST = { title: 200, snippet: 600, url: 2_048 } as const;

const hit = z.object({ title: z.string().catch(''), url: z.string() });
const ANSWERS = {
  searxng: z.object({ results: z.array(hit.extend({ content: z.string().nullish() })) }).transform(({ results }) => results.map(toHit)),
  tavily: z.object({ results: z.array(hit.extend({ content: z.string().nullish() })) }).transform(({ results }) => results.map(toHit)),
  brave: z
    .object({ web: z.object({ results: z.array(hit.extend({ description: z.string().nullish() })) }).optional() })
    .transform(({ web }) => (web?.results ?? []).map(({ description, ...one }) => toHit({ ...one, content: description }))),
};

function toHit(found: { title: string; url: string; content?: string | null | undefined }): SearchHit {
  return { title: clean(found.title, LONGEST.title), url: found.url, snippet: clean(found.content ?? '', LONGEST.snippet) };
}

/** Some services mark the words they found with tags. */
const clean = (text: string, longest: number): string =>
  cutText(storableText(cleanText(text.slice(0, 10_000).replace(/<\/?(?:strong|b|em|mark)>/g, ''))).trim(), longest);

const isAddress = ({ url }: SearchHit): boolean => url.length <= LONGEST.url && /^https?:\/\/\S+$/.test(url) && URL.canParse(url);

export function createWebSearch(config: SearchConfig): WebSearch {
  const { host } = new URL(config.url);
  // Owners run SearXNG beside the bot, so what stands nearby may be reached; a cloud's metadata never.
  const fetch = createGuardedFetch({ isPrivate: true, dial: dialTcp, resolve: resolveName });
  return {
    name: host,
    search: async (query, { count, signal }) => {
      const late = AbortSignal.timeout(ANSWER_MS);
      try {
        const { url, init } = requestOf(config, query, count);
        const response = await fetch(url, { ...init, signal: AbortSignal.any([signal, late]) });
        if (!response.ok) throw refused(host, response.status);
        return ANSWERS[config.shape]
          .parse(await response.json())
          .filter(isAddress)
          .slice(0, count);
      } catch (error) {
        if (late.aborted) throw tooSlow(`${host} did not answer in time.`);
        if (error instanceof AppError || signal.aborted) throw error;
        throw unreadable(`${host} answered something else than ${config.shape} does.`, error);
      }
    },
  };
}

function requestOf({ url: address, apiKey, shape }: SearchConfig, query: string, count: number): { url: URL; init: RequestInit } {
  const url = new URL(address);
  const key = apiKey?.reveal() ?? null;
  switch (shape) {
    case 'tavily': {
      const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${key}` };
      return { url, init: { method: 'POST', headers, body: JSON.stringify({ query, max_results: count }) } };
    }
    case 'brave':
      url.searchParams.set('q', query);
      url.searchParams.set('count', String(count));
      return { url, init: { method: 'GET', headers: { accept: 'application/json', 'x-subscription-token': key ?? '' } } };
    case 'searxng':
      if (!url.pathname.endsWith('/search')) url.pathname = `${url.pathname.replace(/\/$/, '')}/search`;
      url.searchParams.set('q', query);
      url.searchParams.set('format', 'json');
      return {
        url,
        init: { method: 'GET', headers: { accept: 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) } },
      };
  }
}

function refused(host: string, status: number): Upstream {
  const why =
    status === 401 || status === 403
      ? 'refused the key or the format (SearXNG: allow json in settings.yml)'
      : `answered with status ${status}`;
  return new Upstream(`${host} ${why}.`, { retryable: status >= 500 || status === 429 });
}
