// Memory in a model's hands: what it notes is only assumed, and carries the taint of all it has read; what it read of strangers makes it forget nothing.
import { z } from 'zod';
import type { Caller } from '../../chat/command.ts';
import type { Reading, ReadTool } from '../../chat/read-tool.ts';
import { forgottenCard, knownCard, rememberedCard } from '../../chat/views/memory-card.ts';
import { inTransaction } from '../../db/database.ts';
import { recordAudit } from '../../domain/audit/audit-store.ts';
import { addFact, findFact, forgetFacts } from '../../domain/memory/memory-store.ts';
import { LONGEST_FACT } from '../../domain/memory/memory-words.ts';
import type { Deps } from '../deps.ts';
import { findAbout, scopeFor } from './hear-memory.ts';
import { defineRead } from './own-reads.ts';

export interface Thinker {
  answerId: number;
  asker: Caller;
  /** Whether words of strangers have been read for this answer so far. */
  isTainted: () => boolean;
}

export function memoryReads(deps: Deps, thinker: Thinker): ReadTool[] {
  return [recallTool(deps, thinker), rememberTool(deps, thinker), forgetTool(deps, thinker)];
}

const recallTool = (deps: Deps, { asker }: Thinker): ReadTool =>
  defineRead({
    name: 'recall',
    description: 'what is remembered about something; each fact is measured, told by a person, or only assumed',
    input: z.object({ about: z.string().max(300).describe('a few words; empty for the newest') }),
    outside: true,
    read: async ({ about }) => {
      const facts = await findAbout(deps, { mode: deps.mode, person: asker.person }, about);
      const { buttons: _, ...card } = knownCard(about, facts, deps.clock.now());
      return { ok: true, card };
    },
  });

const rememberTool = (deps: Deps, { answerId, asker, isTainted }: Thinker): ReadTool =>
  defineRead({
    name: 'remember',
    description: 'note something for later, as your assumption; people note theirs with "remember that …"',
    input: z.object({ text: z.string().trim().min(3).max(LONGEST_FACT).describe('one fact in one sentence') }),
    outside: false,
    read: ({ text }) =>
      inTransaction(deps.db, async (trx): Promise<Reading> => {
        const fact = await addFact(trx, {
          ...scopeFor(asker),
          mode: deps.mode,
          kind: 'assumed',
          text,
          source: { kind: 'conversation_message', id: answerId },
          toldBy: asker.platformId,
          tainted: isTainted(),
        });
        await recordAudit(trx, [{ ...entry(deps, asker, fact.id), action: 'memory.assumed', detail: { tainted: fact.tainted } }]);
        const { buttons: _, ...card } = rememberedCard(fact, deps.clock.now());
        return { ok: true, card };
      }),
  });

const forgetTool = (deps: Deps, { asker, isTainted }: Thinker): ReadTool =>
  defineRead({
    name: 'forget',
    description: 'forget one fact by its number, when the person asks for it',
    input: z.object({ id: z.number().int().positive().describe('number of a fact') }),
    outside: false,
    read: ({ id }) =>
      inTransaction(deps.db, async (trx): Promise<Reading> => {
        const fact = await findFact(trx, { mode: deps.mode, person: asker.person }, id);
        if (fact === undefined || fact.forgotten_at !== null) return { ok: false, error: `There is no fact ${id}.` };
        if (fact.told_by !== asker.platformId || fact.kind === 'measured' || isTainted())
          return { ok: false, error: `I may not forget this by myself. The person can say: forget #${id}` };
        await forgetFacts(trx, [id], asker.platformId);
        await recordAudit(trx, [{ ...entry(deps, asker, id), action: 'memory.forgotten', detail: { by: 'the agent' } }]);
        const { buttons: _, ...card } = forgottenCard(`fact ${id}`, [fact], [], deps.clock.now());
        return { ok: true, card };
      }),
  });

const entry = (deps: Deps, asker: Caller, id: number) => ({
  mode: deps.mode,
  actor: `agent for ${asker.platformId}`,
  subjectKind: 'memory_fact',
  subjectId: id,
});
