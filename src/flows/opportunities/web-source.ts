// The web as a source: a search, the pages it brings, and a model that reads them. Only where a search and a language model are configured.
import { z } from 'zod';
import { sha256 } from '../../core/canonical-json.ts';
import { AppError } from '../../core/errors.ts';
import { inTransaction } from '../../db/database.ts';
import { listEffects, noteUses } from '../../domain/learning/lesson-store.ts';
import type { Find } from '../../domain/opportunities/opportunity.ts';
import { queriesOf } from '../../domain/opportunities/scan-queries.ts';
import type { Deps } from '../deps.ts';
import { extractFinds, type PageRead } from './extract-finds.ts';
import { readWithTool } from './read-with-tool.ts';
import type { FindSource } from './source.ts';

const QUERIES = 2;
const RESULTS = 5;
/** Of one search's results so many are read whole. */
const PAGES = 3;
const LONGEST_EXCERPT = 300;

const searched = z.object({ results: z.array(z.object({ url: z.string() })) });
const fetched = z.object({ url: z.string(), text: z.string(), sha256: z.string() });

/** @param scanId counts the scans too, so that each searches for something else */
export const createWebSource = (deps: Deps, scanId: number): FindSource => ({
  source: 'web',
  name: 'web',
  look: async (signal) => {
    const finds: Find[] = [];
    for (const query of await chooseQueries(deps, scanId)) finds.push(...(await lookFor(deps, query, signal)));
    return { finds, listed: null };
  },
});

/** What lessons have to say of it is read, and kept as read by this scan. */
async function chooseQueries(deps: Deps, scanId: number): Promise<string[]> {
  const queries = queriesOf(scanId, QUERIES, await listEffects(deps.db, deps.mode));
  const uses = queries.flatMap(({ lessonId, text }) =>
    lessonId === null
      ? []
      : [{ lessonId, decision: 'scan' as const, subjectKind: 'scan', subjectId: scanId, detail: `searches for ${text}` }],
  );
  await inTransaction(deps.db, (trx) => noteUses(trx, uses));
  return queries.map(({ text }) => text);
}

async function lookFor(deps: Deps, query: string, signal: AbortSignal): Promise<Find[]> {
  const { output } = await readWithTool(deps, 'web_search', { query, count: RESULTS }, signal);
  const urls = searched.parse(output).results.map(({ url }) => url);
  const pages: PageRead[] = [];
  for (const url of urls) {
    if (pages.length === PAGES) break;
    const page = await readPage(deps, url, signal);
    if (page !== null) pages.push(page);
  }
  return extractFinds(deps, pages, signal);
}

/** Null for a page that cannot be read: others can. */
async function readPage(deps: Deps, url: string, signal: AbortSignal): Promise<PageRead | null> {
  try {
    const page = fetched.parse((await readWithTool(deps, 'web_fetch', { url }, signal)).output);
    const place = { kind: 'page' as const, origin: page.url, sha256: page.sha256 || sha256(page.text), toolCallId: null };
    return { text: page.text, place: { ...place, excerpt: page.text.slice(0, LONGEST_EXCERPT) } };
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    deps.log.debug({ err: error, url }, 'a page of a search could not be read');
    return null;
  }
}
