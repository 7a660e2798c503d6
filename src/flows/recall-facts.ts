// What is remembered about something: by words, and by meaning where an embeddings endpoint is configured. When that is down, words are enough.
import { AppError } from '../core/errors.ts';
import { redactText } from '../core/redact.ts';
import { fuse, nearest, packVector } from '../domain/memory/meaning.ts';
import { type Fact, type Reader, recall } from '../domain/memory/memory-store.ts';
import { keepVectors, listCandidates } from '../domain/memory/vector-store.ts';
import { type Charged, chargeCall, estimateOf } from './ask-model.ts';
import type { Deps } from './deps.ts';

/** Facts that are held against the question; so many of those that share a word, and as many of the newest. */
const MOST_CANDIDATES = 250;
/** Facts that get their vector along with one question. */
const MOST_NEW = 64;
const LONGEST_QUERY = 1_000;
const LONGEST_WAIT_MS = 10_000;

export interface Recalling {
  about: string;
  match: 'all' | 'any';
  limit: number;
  measuredOnly?: boolean;
}

/** @param charged whom a call to the embeddings endpoint is booked on */
export async function recallFacts(
  deps: Deps,
  reader: Reader,
  wanted: Recalling,
  charged: Pick<Charged, 'goalId' | 'conversationId' | 'signal'>,
): Promise<Fact[]> {
  const byWords = await recall(deps.db, reader, wanted);
  const embedder = deps.model.embedder?.() ?? null;
  if (embedder === null || wanted.about.trim() === '') return byWords;
  try {
    return fuse([byWords, await recallByMeaning(deps, embedder, reader, wanted, charged)], wanted.limit);
  } catch (error) {
    if (!(error instanceof AppError) || charged.signal.aborted) throw error;
    deps.log.warn({ why: error.reply }, 'memory was searched by words only');
    return byWords;
  }
}

type Embedder = NonNullable<ReturnType<NonNullable<Deps['model']['embedder']>>>;

async function recallByMeaning(
  deps: Deps,
  { offer, embed }: Embedder,
  reader: Reader,
  { about, measuredOnly = false }: Recalling,
  charged: Pick<Charged, 'goalId' | 'conversationId' | 'signal'>,
): Promise<Fact[]> {
  const candidates = await listCandidates(deps.db, reader, { about, model: offer.model, measuredOnly }, MOST_CANDIDATES);
  if (candidates.length === 0) return [];
  const fresh = candidates.filter(({ vector }) => vector === null).slice(0, MOST_NEW);
  const texts = [about.slice(0, LONGEST_QUERY), ...fresh.map(({ text }) => text)].map(redactText);
  const signal = AbortSignal.any([charged.signal, AbortSignal.timeout(LONGEST_WAIT_MS)]);
  const question: Charged = { ...charged, mode: 'chat', taskId: null, agent: 'memory', signal };
  const estimate = estimateOf(offer, texts.join('').length, 0);
  const { vectors } = await chargeCall(deps, question, { offer, estimate, after: [] }, () => embed(texts, signal));
  const [query, ...packed] = vectors.map(packVector);
  const made = fresh.flatMap((fact, at) => {
    const vector = packed[at] ?? null;
    return vector === null ? [] : [{ fact, vector }];
  });
  await keepVectors(deps.db, offer.model, made);
  const known = new Map(made.map(({ fact, vector }) => [fact.id, vector]));
  const all = candidates.map((fact) => ({ ...fact, vector: fact.vector ?? known.get(fact.id) ?? null }));
  return query === null || query === undefined ? [] : nearest(query, all).map(({ vector: _, ...fact }) => fact);
}
