// A further channel of a page: a name that its tracked link carries. A public act, because somebody will be shown the page there.
import { InvalidInput } from '../../core/errors.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type ChannelInput, channelInput } from '../../domain/pages/page-input.ts';
import { addChannel, type ShownPage } from '../../domain/pages/page-store.ts';
import type { Tool, ToolContext } from '../../domain/tools/tool.ts';
import { findOwn, type PageNeeds, pageTool, requirePublisher } from './page-common.ts';
import { costsNothing } from './payment-common.ts';

const MOST_CHANNELS = 20;

/** @throws InvalidInput */
export async function requirePage(db: DatabaseOrTrx, slug: string, context: ToolContext): Promise<ShownPage> {
  const page = await findOwn(db, slug, context);
  if (page?.status !== 'published') throw new InvalidInput(`This goal has published no page /o/${slug}.`);
  return page;
}

export const trackedUrl = (needs: Pick<PageNeeds, 'pages'>, slug: string, channel: string): string =>
  `${needs.pages.address()}/o/${slug}?c=${channel}`;

export function createAddChannel(needs: PageNeeds): Tool<ChannelInput> {
  return {
    ...pageTool,
    name: 'add_channel',
    description: 'Add a channel to a published page: its visitors are counted by the tracked link that comes back. A person is asked.',
    input: channelInput,
    act: 'publish',
    touches: 'outside',
    reversible: true,
    reach: 'public',
    repeatable: true,
    quote: async (input, context) => {
      requirePublisher(needs, context.mode);
      const page = await requirePage(needs.db, input.slug, context);
      if (page.channels.includes(input.channel)) throw new InvalidInput(`/o/${input.slug} has the channel ${input.channel} already.`);
      if (page.channels.length >= MOST_CHANNELS) throw new InvalidInput(`A page has at most ${MOST_CHANNELS} channels.`);
      return costsNothing(
        `Adds the channel "${input.channel}" (${input.name}) to /o/${input.slug}: the page is to be shown there. Nothing is sent by this.`,
      );
    },
    run: async (input) => {
      const output = { slug: input.slug, channel: input.channel, link: trackedUrl(needs, input.slug, input.channel) };
      return { ok: true, output, evidence: [], spentMicros: 0n, receipt: `page:${input.slug}?c=${input.channel}` };
    },
    reconcile: async () => ({ kind: 'never_happened' }),
    record: async (trx, input, _outcome, context) => {
      const page = await requirePage(trx, input.slug, context);
      await addChannel(trx, { pageId: page.id, channel: input.channel, name: input.name, toolCallId: context.toolCallId });
    },
  };
}
