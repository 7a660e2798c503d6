// team: who may do what, linked identities, console tokens.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { defineCommand } from '../src/chat/command.ts';
import { escapeMarkdown, plainLine } from '../src/chat/escape.ts';
import { idField } from '../src/chat/fields.ts';
import { InvalidInput, NotFound } from '../src/core/errors.ts';
import { inTransaction } from '../src/db/database.ts';
import { recordAudit } from '../src/domain/audit/audit-store.ts';
import { findCustomer } from '../src/domain/customers/customer-store.ts';
import { addToken, linkIdentities, listMembers, revokeTokens, setMember } from '../src/domain/people/people-store.ts';
import { forgetCustomer, noteConsent } from '../src/flows/customer-data.ts';
import type { Deps } from '../src/flows/deps.ts';

const platformId = z
  .string()
  .regex(
    /^(slack:[^/\s]+\/[^/\s]+|discord:\S+|console:[\w.-]{1,40})$/,
    'must be a platform id like slack:T1/U1, discord:123 or console:anna',
  );

export const team = defineCommand({
  name: 'team',
  summary: "roles, linked identities and console tokens; a customer's data",
  role: 'owner',
  input: z.object({
    add: platformId.describe('give this person a role').optional(),
    role: z.enum(['viewer', 'operator', 'approver', 'owner', 'none']).describe('the role to give').optional(),
    link: platformId.describe('this id is the same person as …').optional(),
    to: platformId.describe('… this one').optional(),
    token: platformId.describe('make a console token for this console person').optional(),
    revoke: platformId.describe('end all console tokens of this person').optional(),
    export: idField('a customer, to hand out all that is kept of them').optional(),
    erase: idField('a customer, to erase name and address; the books stay').optional(),
    customer: idField('a customer, for consent').optional(),
    consent: z.enum(['given', 'withdrawn', 'none']).describe('what that customer allows to be told').optional(),
  }),
  examples: [
    'team',
    'team add:console:anna role:viewer',
    'team token:console:anna',
    'team link:discord:1 to:slack:T1/U1',
    'team export:12',
    'team erase:12',
  ],
  run: async ({ input, caller, deps }) => {
    if (input.add !== undefined) return addMember(deps, input.add, input.role, caller.platformId);
    if (input.link !== undefined) {
      if (input.to === undefined) throw new InvalidInput('Say to whom: team link:discord:1 to:slack:T1/U1', { to: 'is missing' });
      await inTransaction(deps.db, async (trx) => {
        await linkIdentities(trx, { platformId: input.link ?? '', person: input.to ?? '', addedBy: caller.platformId });
        await recordAudit(trx, [entry(deps, caller.platformId, 'team.linked', { platformId: input.link, person: input.to })]);
      });
    }
    if (input.token !== undefined) return makeToken(deps, input.token, caller.platformId);
    if (input.export !== undefined) return exportCard(deps, input.export);
    if (input.erase !== undefined) return erase(deps, input.erase, caller.platformId);
    if (input.customer !== undefined) return setConsent(deps, input.customer, input.consent, caller.platformId);
    if (input.revoke !== undefined) return revokeAll(deps, input.revoke, caller.platformId);
    return teamCard(deps);
  },
});

const entry = (deps: Deps, actor: string, action: string, detail: Record<string, unknown>) => ({
  mode: deps.mode,
  actor,
  action,
  subjectKind: 'team',
  subjectId: null,
  detail,
});

async function addMember(deps: Deps, id: string, role: string | undefined, by: string): Promise<Card> {
  if (role === undefined) throw new InvalidInput('Say which role: viewer, operator, approver, owner or none.', { role: 'is missing' });
  if (deps.mode === 'live' && (role === 'approver' || role === 'owner'))
    throw new InvalidInput('In live mode approvers and owners come only from JUG_APPROVERS and JUG_OWNERS.', {
      role: 'is set in the environment',
    });
  await inTransaction(deps.db, async (trx) => {
    await setMember(trx, { platformId: id, role: role === 'none' ? null : (role as 'viewer'), addedBy: by });
    await recordAudit(trx, [entry(deps, by, 'team.role', { platformId: id, role })]);
  });
  return teamCard(deps);
}

async function makeToken(deps: Deps, id: string, by: string): Promise<Card> {
  if (!id.startsWith('console:') || id === 'console:owner')
    throw new InvalidInput('Tokens are for console people like console:anna.', { token: 'is not a console person' });
  const token = randomBytes(32).toString('base64url');
  await inTransaction(deps.db, async (trx) => {
    await addToken(trx, { platformId: id, token, createdBy: by });
    await recordAudit(trx, [entry(deps, by, 'team.token', { platformId: id })]);
  });
  return {
    title: `Token for ${plainLine(id)}`,
    tone: 'good',
    text: `Shown once; only its hash is kept. Open the console with /?token= and this behind it:\n\n\`${token}\``,
  };
}

async function revokeAll(deps: Deps, id: string, by: string): Promise<Card> {
  const count = await inTransaction(deps.db, async (trx) => {
    const ended = await revokeTokens(trx, id, deps.clock.now());
    await recordAudit(trx, [entry(deps, by, 'team.tokens_revoked', { platformId: id, count: ended })]);
    return ended;
  });
  return { title: `${count} tokens of ${plainLine(id)} ended`, tone: 'good', text: 'They stop working with the next request.' };
}

async function teamCard(deps: Deps): Promise<Card> {
  const members = await listMembers(deps.db);
  const { owners, approvers, operators, viewers } = deps.config.people;
  const fixed = [
    ...owners.map((id) => [plainLine(id), 'owner', 'environment']),
    ...approvers.map((id) => [plainLine(id), 'approver', 'environment']),
    ...operators.map((id) => [plainLine(id), 'operator', 'environment']),
    ...viewers.map((id) => [plainLine(id), 'viewer', 'environment']),
  ];
  const added = members.map((member) => [
    plainLine(member.platform_id),
    member.role ?? (member.person === member.platform_id ? 'none' : `is ${plainLine(member.person)}`),
    `added by ${plainLine(member.added_by)}`,
  ]);
  return {
    title: 'Team',
    tone: approvers.length === 0 ? 'bad' : 'info',
    text:
      approvers.length === 0
        ? 'Nobody may approve: an empty list of approvers means nobody.'
        : escapeMarkdown('Approvers approve; owners set caps and the team; operators give goals; viewers look.'),
    table: { columns: ['Person', 'Role', 'From'], rows: [...fixed, ...added] },
  };
}

/** The data itself does not go through chat: the console hands it to owners alone, and notes that it did. */
async function exportCard(deps: Deps, id: number): Promise<Card> {
  const customer = await findCustomer(deps.db, deps.mode, id);
  if (customer === undefined) throw new NotFound(`There is no customer ${id}.`);
  return {
    title: `All that is kept of customer ${id}`,
    tone: 'info',
    text: `[As JSON](/customers/${id}/export.json), [as CSV](/customers/${id}/export.csv): the row, orders, receipts, refunds, promises. For owners, in the console; each time is audited.`,
  };
}

async function erase(deps: Deps, id: number, by: string): Promise<Card> {
  const { customer, events, isNew } = await forgetCustomer(deps.db, { mode: deps.mode, customerId: id, by });
  return {
    title: isNew ? `Customer ${id} is erased` : `Customer ${id} was erased before`,
    tone: 'good',
    text: `Name, address and notes are gone, also from ${events} stored events. Orders, receipts and journals stay, under the processor's id ${escapeMarkdown(customer.external_id, 100)} alone. ${escapeMarkdown(customer.source, 60)} keeps its own copy: delete the customer there too.`,
  };
}

async function setConsent(deps: Deps, id: number, consent: 'given' | 'withdrawn' | 'none' | undefined, by: string): Promise<Card> {
  if (consent === undefined) throw new InvalidInput('Say what: team customer:12 consent:withdrawn', { consent: 'is missing' });
  const before = await noteConsent(deps.db, { mode: deps.mode, customerId: id, by }, consent);
  return { title: `Consent of customer ${id}: ${consent}`, tone: 'good', text: `Before: ${before.consent}.` };
}
