// The search service: one search, as the agent would make it.
import type { SearchConfig } from '../../tool-config.ts';
import { createWebSearch } from '../http/web-search.ts';
import { bad, type Check, good, sentence } from './check.ts';

export async function checkSearch(config: SearchConfig): Promise<Check[]> {
  const what = `Search ${new URL(config.url).host}`;
  try {
    const found = await createWebSearch(config).search('weather', { count: 1, signal: new AbortController().signal });
    return [good(what, `${config.shape}, answers${found.length === 0 ? ' with nothing' : ''}`)];
  } catch (error) {
    return [
      bad(what, sentence(error), 'Check SEARCH_API_URL (its shape can be named behind it: #searxng, #brave, #tavily) and SEARCH_API_KEY.'),
    ];
  }
}
