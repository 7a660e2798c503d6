// Remember, recall, forget: by words, without a model. What a person tells is told, never measured; what is forgotten can be brought back.
import type { Card } from '../../chat/card.ts';
import type { Caller } from '../../chat/command.ts';
import { forgottenCard, knownCard, rememberedCard } from '../../chat/views/memory-card.ts';
import { NotAllowed, NotFound } from '../../core/errors.ts';
import { inTransaction, type Trx } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { titleOf } from '../../domain/conversations/context.ts';
import { addReply, addWords, openConversation } from '../../domain/conversations/conversation-store.ts';
import { addFact, type Fact, findFact, forgetFacts, keepFact, recall } from '../../domain/memory/memory-store.ts';
import type { MemoryWords } from '../../domain/memory/memory-words.ts';
import { hasRole } from '../../domain/people/role.ts';
import type { Deps } from '../deps.ts';
import { recallFacts } from '../recall-facts.ts';
import { whereaboutsOf } from './whereabouts.ts';

const MOST_FACTS = 20;

/** @param said the words as they were said; they are the source of what is remembered */
export async function hearMemory(deps: Deps, words: MemoryWords, said: string, caller: Caller): Promise<Card> {
  // Before the transaction: the endpoint for embeddings is somebody else's server.
  const known = words.kind === 'recall' ? await findAbout(deps, { mode: deps.mode, person: caller.person }, words.about) : [];
  return inTransaction(deps.db, async (trx) => {
    const conversation = await openConversation(trx, whereaboutsOf(deps, caller), titleOf(said));
    const asker = { conversationId: conversation.id, platformId: caller.platformId, surface: caller.surface };
    const wordsId = await addWords(trx, { ...asker, text: said });
    const card = await obey(deps, trx, words, { caller, wordsId, known });
    await addReply(trx, { ...asker, questionId: wordsId, text: card.title });
    return card;
  });
}

interface Told {
  caller: Caller;
  /** The message that holds the words. */
  wordsId: number;
  /** What was found about what is to be recalled. */
  known: readonly Fact[];
}

async function obey(deps: Deps, trx: Trx, words: MemoryWords, told: Told): Promise<Card> {
  const now = deps.clock.now();
  const reader = { mode: deps.mode, person: told.caller.person };
  switch (words.kind) {
    case 'remember': {
      const fact = await addFact(trx, { ...scopeFor(told.caller), ...toldBy(deps, told), kind: 'told', text: words.text, tainted: false });
      await auditMemory(deps, trx, told.caller, 'memory.told', [fact.id]);
      return rememberedCard(fact, now);
    }
    case 'recall':
      return knownCard(words.about, told.known, now);
    case 'forget': {
      const found = await recall(trx, reader, { about: words.about, match: 'all', limit: MOST_FACTS });
      const mine = found.filter((fact) => mayForget(told.caller, fact));
      await forget(deps, trx, told.caller, mine);
      return forgottenCard(
        words.about,
        mine,
        found.filter((fact) => !mine.includes(fact)),
        now,
      );
    }
    case 'forget_fact': {
      const fact = await findMine(trx, reader, told.caller, words.id);
      await forget(deps, trx, told.caller, [fact]);
      return forgottenCard(`fact ${fact.id}`, [fact], [], now);
    }
    case 'keep_fact': {
      const fact = await findMine(trx, reader, told.caller, words.id);
      if (await keepFact(trx, fact.id)) await auditMemory(deps, trx, told.caller, 'memory.kept', [fact.id]);
      return rememberedCard(fact, now);
    }
  }
}

/** What fits all the words, or else any of them or what they mean. */
export async function findAbout(deps: Deps, reader: { mode: Deps['mode']; person: string }, about: string): Promise<Fact[]> {
  const wanted = { about, limit: MOST_FACTS };
  const exact = await recall(deps.db, reader, { ...wanted, match: 'all' });
  if (exact.length > 0 || about === '') return exact;
  return recallFacts(deps, reader, { ...wanted, match: 'any' }, { goalId: null, signal: new AbortController().signal });
}

/** In a goal's thread it is the goal's; an operator speaks for everybody, a viewer for themselves. */
export function scopeFor(caller: Caller): Pick<Fact, 'scope' | 'person'> & { goalId: number | null } {
  const base = { goalId: caller.goalId, person: caller.person };
  if (!hasRole(caller, 'operator')) return { ...base, scope: 'person' };
  return { ...base, scope: caller.goalId === null ? 'team' : 'goal' };
}

const toldBy = (deps: Deps, { caller, wordsId }: Told) => ({
  mode: deps.mode,
  toldBy: caller.platformId,
  source: { kind: 'conversation_message', id: wordsId },
});

/** What one told oneself; an operator anything. */
const mayForget = (caller: Caller, fact: Fact): boolean =>
  fact.told_by === caller.platformId || fact.person === caller.person || hasRole(caller, 'operator');

async function findMine(trx: Trx, reader: { mode: Deps['mode']; person: string }, caller: Caller, id: number): Promise<Fact> {
  const fact = await findFact(trx, reader, id);
  if (fact === undefined) throw new NotFound(`There is no fact ${id}.`);
  if (!mayForget(caller, fact)) throw new NotAllowed(`Fact ${id} was told by somebody else; it needs the role operator.`);
  return fact;
}

async function forget(deps: Deps, trx: Trx, caller: Caller, facts: readonly Fact[]): Promise<void> {
  const ids = await forgetFacts(
    trx,
    facts.map(({ id }) => id),
    caller.platformId,
  );
  await auditMemory(deps, trx, caller, 'memory.forgotten', ids);
}

async function auditMemory(deps: Deps, trx: Trx, caller: Caller, action: string, ids: readonly number[]): Promise<void> {
  await recordAudit(
    trx,
    ids.map((id) => ({ mode: deps.mode, actor: caller.platformId, action, subjectKind: 'memory_fact', subjectId: id, detail: {} })),
  );
}
