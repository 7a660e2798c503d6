// A customer's own data: all that is kept of them, handed out; and their erasure, which leaves the books whole. Both are audited, without the data.
import type { Json } from '../core/canonical-json.ts';
import { NotFound } from '../core/errors.ts';
import { type Database, inTransaction } from '../db/database.ts';
import type { Consent } from '../db/tables/states.ts';
import { recordAudit } from '../domain/audit/audit-store.ts';
import { type Customer, cleanEvents, eraseCustomer, findCustomer, readHoldings, setConsent } from '../domain/customers/customer-store.ts';
import type { Mode } from '../domain/tools/tool.ts';

interface Request {
  mode: Mode;
  customerId: number;
  /** The platform id of the owner who asks. */
  by: string;
}

const auditOf = ({ mode, customerId, by }: Request, action: string, detail: Record<string, unknown>) => ({
  mode,
  actor: by,
  action,
  subjectKind: 'customer',
  subjectId: customerId,
  detail,
});

async function requireCustomer(db: Database, { mode, customerId }: Request): Promise<Customer> {
  const customer = await findCustomer(db, mode, customerId);
  if (customer === undefined) throw new NotFound(`There is no customer ${customerId}.`);
  return customer;
}

/** Everything that is kept of one customer, as plain JSON; amounts are micro-dollars as digits. @throws NotFound */
export async function exportCustomer(db: Database, request: Request): Promise<Record<string, Json>> {
  const customer = await requireCustomer(db, request);
  const holdings = await readHoldings(db, customer.id);
  await recordAudit(db, [auditOf(request, 'customer.exported', { orders: holdings.orders.length })]);
  const plain = { customer, ...holdings };
  return JSON.parse(JSON.stringify(plain, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))) as Record<
    string,
    Json
  >;
}

export type Erased = { customer: Customer; events: number; isNew: boolean };

/** Name, address and words about them go, also out of the processor's stored events; orders, receipts and journals stay. @throws NotFound */
export async function forgetCustomer(db: Database, request: Request): Promise<Erased> {
  const customer = await requireCustomer(db, request);
  return inTransaction(db, async (trx) => {
    const { id, source, external_id: externalId, email } = customer;
    // Events before the customer, as bookings lock them; then what was booked meanwhile. Again for one erased before: more may have come.
    const cleaned = await cleanEvents(trx, { id, source, externalId, email }, 'all');
    const isNew = await eraseCustomer(trx, customer.id, request.by);
    const events = Math.max(cleaned, await cleanEvents(trx, { id, source, externalId, email }, 'booked'));
    await recordAudit(trx, [auditOf(request, 'customer.erased', { events, again: !isNew })]);
    return { customer, events, isNew };
  });
}

/** What the customer allows to be told. @throws NotFound */
export async function noteConsent(db: Database, request: Request, consent: Consent): Promise<Customer> {
  const customer = await requireCustomer(db, request);
  await inTransaction(db, async (trx) => {
    await setConsent(trx, customer.id, consent);
    await recordAudit(trx, [auditOf(request, 'customer.consent', { from: customer.consent, to: consent })]);
  });
  return customer;
}
