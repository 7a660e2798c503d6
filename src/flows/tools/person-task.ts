// The channel that always exists: a person. The words are written and the link is tracked; a person reads, acts and says Done.
// To somebody in particular only within the rules of outreach, which hold when it is asked and again when it is written down.
import { z } from 'zod';
import { InvalidInput } from '../../core/errors.ts';
import { makeVisible } from '../../core/visible-text.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { readSigningKey } from '../../domain/orders/order-store.ts';
import { contactHash, judgeOutreach, readContact, unsubscribePath } from '../../domain/outreach/outreach.ts';
import { addPersonTask, lockOutreach, readContactFacts } from '../../domain/outreach/outreach-store.ts';
import { channelKey, pageSlug } from '../../domain/pages/page.ts';
import type { ShownPage } from '../../domain/pages/page-store.ts';
import type { Tool, ToolContext } from '../../domain/tools/tool.ts';
import { showTasks } from '../outreach.ts';
import { requirePage, trackedUrl } from './page-channel.ts';
import { type PageNeeds, pageTool } from './page-common.ts';
import { costsNothing } from './payment-common.ts';

const DAY_MS = 24 * 3_600_000;

const input = z.object({
  slug: pageSlug,
  channel: channelKey.describe('a channel that add_channel has added'),
  title: z.string().trim().min(3).max(120).describe('what the person does, in one line'),
  text: z
    .string()
    .trim()
    .min(1)
    .max(3_000)
    .refine((text) => makeVisible(text) === text, 'holds hidden characters')
    .describe('the words they post or send; the tracked link is put below them'),
  to: z.string().trim().min(3).max(150).nullish().describe('one person it is for: a mail address, or network:name'),
  days: z.number().int().min(1).max(30).describe('days until it should be done'),
});
type Input = z.output<typeof input>;

interface Ready {
  page: ShownPage;
  link: string;
  body: string;
  to: { contact: string; addressee: string; isFirst: boolean } | null;
}

/** @throws InvalidInput when the channel is not there or the person must not be written to */
async function readyOf(needs: PageNeeds, db: DatabaseOrTrx, request: Input, context: ToolContext): Promise<Ready> {
  const page = await requirePage(db, request.slug, context);
  if (!page.channels.includes(request.channel))
    throw new InvalidInput(`/o/${request.slug} has no channel ${request.channel}: add_channel adds it.`);
  const link = trackedUrl(needs, request.slug, request.channel);
  const disclosure = 'Written by an AI agent, read and sent by a person.';
  if (request.to == null) return { page, link, body: `${request.text}\n\n${link}\n\n${disclosure}`, to: null };
  const addressee = readContact(request.to);
  const secret = await readSigningKey(db);
  const contact = contactHash(secret, addressee);
  const facts = await readContactFacts(db, context.mode, contact);
  const refusal = judgeOutreach(facts, context.now());
  if (refusal !== null) throw new InvalidInput(refusal);
  const stop = `No more messages: ${needs.pages.address()}${unsubscribePath(secret, contact)}`;
  return {
    page,
    link,
    body: `${request.text}\n\n${link}\n\n${disclosure}\n${stop}`,
    to: { contact, addressee, isFirst: facts.lastAt === null },
  };
}

export function createPersonTask(needs: PageNeeds): Tool<Input> {
  return {
    ...pageTool,
    name: 'person_task',
    description:
      'Ask a person of ours to show a page on one of its channels, with the words ready. They do it themselves and say Done; wait with forReply to hear of it. To one person at most once in seven days.',
    input,
    act: 'write_own',
    touches: 'own_data',
    reversible: true,
    reach: 'nobody',
    repeatable: true,
    quote: async (request, context) => {
      await readyOf(needs, needs.db, request, context);
      return costsNothing(`Asks a person: ${request.title}. Nothing is sent by itself.`);
    },
    run: async (request, context) => {
      const { link } = await readyOf(needs, needs.db, request, context);
      return {
        ok: true,
        output: { slug: request.slug, channel: request.channel, link, status: 'open' },
        evidence: [],
        spentMicros: 0n,
        receipt: null,
      };
    },
    reconcile: async () => ({ kind: 'never_happened' }),
    record: async (trx, request, _outcome, context) => {
      await lockOutreach(trx, context.mode);
      const { page, link, body, to } = await readyOf(needs, trx, request, context);
      const { mode, goalId, taskId, toolCallId } = context;
      const dueAt = new Date(context.now().getTime() + request.days * DAY_MS);
      const task = {
        mode,
        goalId,
        taskId,
        toolCallId,
        pageId: page.id,
        channel: request.channel,
        title: request.title,
        body,
        link,
        to,
        dueAt,
      };
      await showTasks(trx, [await addPersonTask(trx, task)]);
    },
  };
}
