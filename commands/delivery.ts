// delivery: how the orders of an offer are fulfilled, and within how many days; an owner sets it.
import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { defineCommand } from '../src/chat/command.ts';
import { escapeMarkdown, plainLine } from '../src/chat/escape.ts';
import { idField, wholeField } from '../src/chat/fields.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { judgeUrl } from '../src/core/public-address.ts';
import { inTransaction } from '../src/db/database.ts';
import { recordAudit } from '../src/domain/audit/audit-store.ts';
import { hasDocument } from '../src/domain/documents/document-store.ts';
import { DEFAULT_DAYS, defaultWay } from '../src/domain/orders/order.ts';
import { listRules, readSigningKey, setRule } from '../src/domain/orders/order-store.ts';
import { hookSecret } from '../src/domain/orders/signing.ts';
import type { Deps } from '../src/flows/deps.ts';

const input = z.object({
  offer: z.string().trim().min(1).max(200).describe('id of an offer; without it: every offer without a rule of its own').optional(),
  way: z.enum(['download', 'webhook', 'person']).describe('a signed link, a signed request to a server, or a task for a person').optional(),
  days: wholeField('days until the customer has it, as the offer page promises', 1, 365).optional(),
  url: z.string().trim().max(2048).describe("the server's https address, for webhook").optional(),
  document: idField('a document, for download').optional(),
});
type Input = z.output<typeof input>;

export const delivery = defineCommand({
  name: 'delivery',
  summary: 'how orders are fulfilled; set the way of an offer',
  role: (given) => (given.way === undefined ? 'viewer' : 'owner'),
  input,
  examples: ['delivery', 'delivery way:person days:5', 'delivery offer:offer-3 way:webhook url:https://shop.example/orders days:2'],
  run: async ({ input: given, caller, deps }) => {
    if (given.way !== undefined) return setWay(deps, given, given.way, caller.platformId);
    const { way: _way, ...rest } = given;
    if (Object.keys(rest).length > 0) throw new InvalidInput('Say which way: delivery offer:… way:person days:5', { way: 'is missing' });
    return rulesCard(deps);
  },
});

async function setWay(deps: Deps, given: Input, way: NonNullable<Input['way']>, by: string): Promise<Card> {
  const url = way === 'webhook' ? requireUrl(given.url) : null;
  const documentId = given.document ?? null;
  if (documentId !== null && !(await hasDocument(deps.db, deps.mode, documentId)))
    throw new InvalidInput(`There is no document ${documentId}.`, { document: 'does not exist' });
  if (way === 'download' && documentId === null && deps.mode === 'live')
    throw new InvalidInput('Say which document: delivery way:download document:7', { document: 'is missing' });
  const days = given.days ?? DEFAULT_DAYS;
  await inTransaction(deps.db, async (trx) => {
    await setRule(trx, { mode: deps.mode, offerId: given.offer ?? '', way, url, documentId, days, setBy: by });
    const detail = { offer: given.offer ?? 'all others', way, url, document: documentId, days };
    await recordAudit(trx, [{ mode: deps.mode, actor: by, action: 'delivery.set', subjectKind: 'delivery', subjectId: null, detail }]);
  });
  const card = await rulesCard(deps);
  // The receiver cannot check our requests without it; whoever may set the way may see it again by setting it again.
  return url === null ? card : { ...card, text: `${card.text}\n\n${await secretWords(deps, url)}` };
}

function requireUrl(text: string | undefined): string {
  const verdict = judgeUrl(text ?? '');
  if (!verdict.ok) throw new InvalidInput(`This address was refused: ${verdict.reason}.`, { url: verdict.reason });
  if (verdict.url.protocol !== 'https:')
    throw new InvalidInput('Customers are named in it, so only https is taken.', { url: 'is not https' });
  return verdict.url.href;
}

const secretWords = async (deps: Deps, url: string): Promise<string> =>
  `Requests to ${escapeMarkdown(url, 300)} carry the header jug-signature (HMAC-SHA256 of SECONDS.BODY) under this key, and an idempotency-key: the same one means the same order.\n\n\`${hookSecret(await readSigningKey(deps.db), url)}\``;

async function rulesCard(deps: Deps): Promise<Card> {
  const rules = await listRules(deps.db, deps.mode);
  const own = rules.some((rule) => rule.offer_id === '')
    ? []
    : [['every other offer', defaultWay(deps.mode), String(DEFAULT_DAYS), '', 'built in']];
  return {
    title: `How orders are fulfilled (${deps.mode})`,
    tone: 'info',
    text: 'For orders from now on; those that were paid before keep their way.',
    table: {
      columns: ['Offer', 'Way', 'Days', 'Where', 'Set by'],
      rows: [
        ...rules.map((rule) => [
          plainLine(rule.offer_id === '' ? 'every other offer' : rule.offer_id, 80),
          rule.way,
          String(rule.days),
          plainLine(rule.url ?? (rule.document_id === null ? '' : `document ${rule.document_id}`), 120),
          plainLine(rule.set_by, 60),
        ]),
        ...own,
      ],
    },
  };
}
