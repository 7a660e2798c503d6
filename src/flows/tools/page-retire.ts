// Taking a page down: the act that undoes a publication. It is safe, so it asks nobody; the links end with it.
import { hashOf } from '../../core/canonical-json.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { endLaunch } from '../../domain/offers/launch-store.ts';
import { endPersonTasks } from '../../domain/outreach/outreach-store.ts';
import { type RetireInput, retireInput } from '../../domain/pages/page-input.ts';
import { retireVariants, type ShownPage, type ShownVariant } from '../../domain/pages/page-store.ts';
import type { Tool, ToolContext } from '../../domain/tools/tool.ts';
import { showTasks } from '../outreach.ts';
import { stopLink } from '../set-link.ts';
import { findOwn, type PageNeeds, pageTool } from './page-common.ts';
import { costsNothing } from './payment-common.ts';

async function findShown(db: DatabaseOrTrx, input: RetireInput, context: ToolContext): Promise<{ page: ShownPage; shown: ShownVariant[] }> {
  const page = await findOwn(db, input.slug, context);
  const shown = (page?.variants ?? []).filter(
    (one) => one.status === 'published' && (input.variant == null || one.variant === input.variant),
  );
  if (page === undefined || shown.length === 0) throw new InvalidInput(`This goal shows no such page at /o/${input.slug}.`);
  return { page, shown };
}

const sourceOf = (input: RetireInput): string => `page:${input.slug}/${input.variant ?? '*'}@retired`;

export function createRetirePage(needs: PageNeeds): Tool<RetireInput> {
  return {
    ...pageTool,
    name: 'retire_page',
    description: 'Take a page or one of its variants down and end its payment link. Nobody is asked. What was sold stays sold.',
    input: retireInput,
    act: 'stop_spend',
    touches: 'outside',
    reversible: true,
    reach: 'nobody',
    repeatable: true,
    quote: async (input, context) => {
      const { shown } = await findShown(needs.db, input, context);
      return costsNothing(
        `Takes down /o/${input.slug}, variant ${shown.map(({ variant }) => variant).join(', ')}, and ends what it sells through.`,
      );
    },
    run: async (input, context) => {
      const { shown } = await findShown(needs.db, input, context);
      const output = { slug: input.slug, retired: shown.map(({ variant }) => variant), why: input.why };
      return {
        ok: true,
        output,
        evidence: [{ kind: 'readback', source: sourceOf(input), sha256: hashOf(output) }],
        spentMicros: 0n,
        receipt: sourceOf(input),
      };
    },
    // Nothing happens before its rows are written.
    reconcile: async () => ({ kind: 'never_happened' }),
    record: async (trx, input, _outcome, context) => {
      const { page, shown } = await findShown(trx, input, context);
      const retired = await retireVariants(trx, { id: page.id, variant: input.variant ?? null, why: input.why });
      if (retired === undefined) return;
      if (retired.left === 0)
        await showTasks(
          trx,
          await endPersonTasks(trx, { pageId: page.id }, { status: 'cancelled', by: 'policy', note: 'The page was taken down.' }),
        );
      for (const { launchId } of shown) {
        await stopLink(trx, { launchId, mode: context.mode }, 'policy', `/o/${page.slug} was taken down: ${input.why}`);
        await endLaunch(trx, launchId, 'stopped');
      }
    },
  };
}
