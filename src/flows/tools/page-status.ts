// Looking at a page of ours through the same door as everybody: the second call that proves a publication; and what it brought so far.
import { hashOf } from '../../core/canonical-json.ts';
import { readSigningKey } from '../../domain/orders/order-store.ts';
import { readTakings, readVisits } from '../../domain/pages/figure-store.ts';
import { type PageInput, pageInput } from '../../domain/pages/page-input.ts';
import { previewPath } from '../../domain/pages/preview.ts';
import type { EvidenceDraft, Tool, ToolContext, ToolOutcome } from '../../domain/tools/tool.ts';
import { attempt } from './attempt.ts';
import { findOwn, type PageNeeds, pageTool, requireVariant, versionSource } from './page-common.ts';
import { costsNothing, plain } from './payment-common.ts';

export function createPageStatus(needs: PageNeeds): Tool<PageInput> {
  return {
    ...pageTool,
    rate: { perMinute: 60, perHour: 1000 },
    name: 'page_status',
    description: 'Read a published page back at its public address, with its visitors, orders and revenue so far. It counts as no visit.',
    input: pageInput,
    act: 'read',
    touches: 'nothing',
    reversible: true,
    reach: 'nobody',
    repeatable: true,
    quote: async (input, context) => {
      await findOwn(needs.db, input.slug, context);
      return costsNothing(`Reads /o/${input.slug} at our own address.`);
    },
    run: (input, context) => attempt(() => readBack(needs, input, context)),
    reconcile: async () => ({ kind: 'never_happened' }),
  };
}

async function readBack(needs: PageNeeds, input: PageInput, context: ToolContext): Promise<ToolOutcome> {
  const { page, shown } = await requireVariant(needs.db, input, context);
  const path = previewPath(await readSigningKey(needs.db), page.slug, shown.variant);
  const read = await needs.pages.read(path, context.signal);
  const [variant = '', version = '', sha256 = ''] = read.meta?.split('.') ?? [];
  if (read.status !== 200 || sha256 === '')
    return { ok: false, error: `/o/${page.slug} answers ${read.status} and is not the page that was published.`, retryable: false };
  const byChannel = (await readVisits(needs.db, page.id)).filter((one) => one.variant === input.variant);
  const takings = (await readTakings(needs.db, page.id)).filter((one) => one.variant === input.variant);
  const total = (name: 'visitors' | 'visits'): number => byChannel.reduce((sum, one) => sum + one[name], 0);
  const orders = takings.reduce((sum, one) => sum + one.orders, 0);
  const output = plain({
    slug: page.slug,
    variant,
    version: Number(version),
    served: sha256,
    isApproved: sha256 === shown.sha256,
    onSale: shown.url !== null,
    priceMicros: shown.priceMicros,
    currency: shown.currency,
    visits: total('visits'),
    visitors: total('visitors'),
    orders,
    takings,
    byChannel,
  });
  const hash = hashOf(output);
  const points: EvidenceDraft[] =
    total('visits') + orders > 0 ? [{ kind: 'metric_points', source: `page:${page.slug}/${variant}`, sha256: hash }] : [];
  const evidence: EvidenceDraft[] = [{ kind: 'readback', source: versionSource(page.slug, variant, sha256), sha256: hash }, ...points];
  return { ok: true, output, evidence, spentMicros: 0n, receipt: null };
}
