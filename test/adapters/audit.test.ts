// The audit trail in a real PostgreSQL: the product can't change it, and whoever can is found out.

import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { audit } from '../../commands/audit.ts';
import type { Caller } from '../../src/chat/command.ts';
import { type Random, randomFrom, uniformInt } from '../../src/core/random.ts';
import { createDatabase, createPool, type Database, type DatabaseOrTrx, inTransaction } from '../../src/db/database.ts';
import { type AuditEntry, recordAudit, sealAudit as sealBatch } from '../../src/domain/audit/audit-store.ts';
import { chainHash } from '../../src/domain/audit/chain.ts';
import { type AuditReport, verifyAudit } from '../../src/domain/audit/verify-store.ts';
import type { Deps } from '../../src/flows/deps.ts';
import { sealAudit } from '../../src/flows/seal-audit.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const MUTATIONS = process.env['JUG_TEST_LONG'] ? 1_000 : 100;

let database: TestDatabase;
let product: Database;
let admin: Database;

const open = (config: pg.PoolConfig): Database => createDatabase(createPool({ ...config, max: 12 }, () => {}));

const entry = (overrides: Partial<AuditEntry> = {}): AuditEntry => ({
  mode: 'practice',
  actor: 'console:owner',
  action: 'goal.given',
  subjectKind: 'goal',
  subjectId: 1,
  detail: { text: 'earn a dollar', amountMicros: 1_000_000n },
  ...overrides,
});

const entries = (count: number, from = 0): AuditEntry[] =>
  Array.from({ length: count }, (_, index) =>
    entry({
      actor: `agent ${(from + index) % 7}`,
      action: `act.${(from + index) % 5}`,
      subjectId: from + index,
      detail: { index: from + index, text: `entry ${from + index} – "ü" ` },
    }),
  );

/** Empties the trail as only a superuser with triggers off can. */
async function startAnew(): Promise<void> {
  await admin.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql`truncate audit, audit_seal, audit_unsealed`.execute(trx);
  });
}

beforeAll(async () => {
  database = await createTestDatabase();
  product = open(database.connection);
  admin = open(database.adminConnection);
});

afterAll(async () => {
  await product.destroy();
  await admin.destroy();
  await database.drop();
});

beforeEach(startAnew);

describe('what the product may do', () => {
  test('the database refuses to update, delete or truncate rows and seals', async () => {
    await recordAudit(product, entries(3));
    await sealAudit({ db: product });
    for (const table of ['audit', 'audit_seal']) {
      for (const statement of [
        `update ${table} set ${table === 'audit' ? "actor = 'x'" : "hash = 'x'"}`,
        `delete from ${table}`,
        `truncate ${table}`,
      ]) {
        await expect(sql.raw(statement).execute(product), statement).rejects.toThrow(`${table} is append-only`);
      }
    }
    expect(await verifyAudit(product)).toMatchObject({ ok: true, sealed: 3, unsealed: 0, problems: [] });
  });

  test('an entry is written in the transaction of its fact, and disappears with it', async () => {
    await expect(
      inTransaction(product, async (trx) => {
        await recordAudit(trx, entries(2));
        throw new Error('the fact failed');
      }),
    ).rejects.toThrow('the fact failed');
    await recordAudit(product, []);
    expect(await verifyAudit(product)).toMatchObject({ ok: true, sealed: 0, unsealed: 0, head: null });
  });

  test('a secret, a NUL and half a surrogate pair in the detail neither get in nor break the fact', async () => {
    await recordAudit(product, [
      entry({ detail: { key: 'sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4', odd: 'a\u0000b\ud800c\\u0000d', plain: '\\n' } }),
    ]);
    await sealAudit({ db: product });
    const row = await product.selectFrom('audit').select('detail').executeTakeFirstOrThrow();
    expect(row.detail).toEqual({ key: '[secret]', odd: 'a\ufffdb\ufffdc\\u0000d', plain: '\\n' });
    expect((await verifyAudit(product)).ok).toBe(true);
  });
});

describe('sealing', () => {
  test('gives consecutive places in batches, empties the queue, and verification names the rest as the unsealed tail', async () => {
    await recordAudit(product, entries(25));
    const batch = await inTransaction(product, (trx) => sealBatch(trx, 10));
    expect(batch).toMatchObject({ sealed: 10, busy: false, head: { seq: 10 } });
    expect(await verifyAudit(product)).toMatchObject({
      ok: true,
      sealed: 10,
      unsealed: 15,
      head: batch.head,
      oldestUnsealed: expect.any(Date),
    });
    expect(await sealAudit({ db: product })).toMatchObject({ sealed: 15, head: { seq: 25 } });
    const seals = await product.selectFrom('audit_seal').select('seq').orderBy('seq').execute();
    expect(seals.map((seal) => seal.seq)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    expect(await sealAudit({ db: product })).toEqual({ sealed: 0, head: null });
  });

  test('a row whose transaction commits late is sealed behind the higher ids that came before it', async () => {
    const late = new pg.Client(database.connection);
    await late.connect();
    await late.query('begin');
    const { rows } = await late.query(
      "insert into audit (mode, actor, action, subject_kind, detail) values ('practice', 'late', 'x', 'goal', '{}') returning id",
    );
    await recordAudit(product, entries(2));
    expect(await sealAudit({ db: product })).toMatchObject({ sealed: 2 });
    await late.query('commit');
    await late.end();
    expect(await sealAudit({ db: product })).toMatchObject({ sealed: 1, head: { seq: 3 } });
    const last = await product.selectFrom('audit_seal').select(['seq', 'audit_id']).orderBy('seq', 'desc').executeTakeFirstOrThrow();
    expect(last).toEqual({ seq: 3, audit_id: Number(rows[0].id) });
    expect(await verifyAudit(product)).toMatchObject({ ok: true, sealed: 3, unsealed: 0 });
  });

  test('a second sealer does nothing while the first has not committed, and goes on from it afterwards', async () => {
    await recordAudit(product, entries(6));
    await inTransaction(product, async (first) => {
      expect((await sealBatch(first, 3)).sealed).toBe(3);
      expect(await inTransaction(product, (second) => sealBatch(second, 3))).toEqual({ sealed: 0, head: null, busy: true });
    });
    expect(await inTransaction(product, (second) => sealBatch(second, 3))).toMatchObject({ sealed: 3, head: { seq: 6 } });
    expect((await verifyAudit(product)).ok).toBe(true);
  });

  test('many writers and many sealers at once make one chain without gaps', async () => {
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 10; round += 1) await recordAudit(product, entries(5, writer * 1000 + round * 10));
    });
    const sealers = Array.from({ length: 3 }, async () => {
      for (let round = 0; round < 15; round += 1) await sealAudit({ db: product });
    });
    await Promise.all([...writers, ...sealers]);
    await sealAudit({ db: product });
    expect(await verifyAudit(product)).toMatchObject({ ok: true, sealed: 400, unsealed: 0, head: { seq: 400 } });
  });
});

interface Suspects {
  auditIds?: number[];
  seqs?: number[];
}

interface Ground {
  trx: DatabaseOrTrx;
  random: Random;
  /** Sealed rows: places 1 to `sealed`; the audit id at place n is `idAt(n)`. */
  sealed: number;
  idAt: (seq: number) => number;
  unsealedIds: number[];
}

/** Each changes the trail as a superuser with triggers off could, and tells which rows must be named. */
const ATTACKS: Record<string, (ground: Ground) => Promise<Suspects>> = {
  'edit a column': async ({ trx, random, sealed, idAt }) => {
    const id = idAt(uniformInt(random, 1, sealed));
    const changes = [
      `actor = actor || ' '`,
      `action = 'act.9'`,
      `subject_kind = 'task'`,
      'subject_id = coalesce(subject_id, 0) + 1',
      'subject_id = null',
      `mode = 'live'`,
      `at = at + interval '1 microsecond'`,
    ];
    changes.push(
      `at = 'infinity'`,
      'subject_id = 9007199254740993',
      `detail = detail || '{"index": 0.1000000000000000000001}'`,
      `detail = detail - 'text'`,
      `detail = '[]'`,
    );
    await sql.raw(`update audit set ${changes[uniformInt(random, 0, changes.length - 1)]} where id = ${id}`).execute(trx);
    return { auditIds: [id] };
  },
  'delete a row and leave its seal': async ({ trx, random, sealed, idAt }) => {
    const id = idAt(uniformInt(random, 1, sealed));
    await trx.deleteFrom('audit').where('id', '=', id).execute();
    return { auditIds: [id] };
  },
  'delete a row with its seal': async ({ trx, random, sealed, idAt }) => {
    const seq = uniformInt(random, 1, sealed - 1);
    await trx.deleteFrom('audit').where('id', '=', idAt(seq)).execute();
    await trx.deleteFrom('audit_seal').where('seq', '=', seq).execute();
    return { seqs: [seq] };
  },
  'delete a seal': async ({ trx, random, sealed, idAt }) => {
    const seq = uniformInt(random, 1, sealed);
    await trx.deleteFrom('audit_seal').where('seq', '=', seq).execute();
    return { auditIds: [idAt(seq)] };
  },
  'delete a seal and close the gap': async ({ trx, random, sealed, idAt }) => {
    const seq = uniformInt(random, 1, sealed - 1);
    await trx.deleteFrom('audit_seal').where('seq', '=', seq).execute();
    await sql`update audit_seal set seq = -seq where seq > ${seq}`.execute(trx);
    await sql`update audit_seal set seq = -seq - 1 where seq < 0`.execute(trx);
    return { auditIds: [idAt(seq)] };
  },
  'swap the contents of two rows': async ({ trx, random, sealed, idAt }) => {
    const seq = uniformInt(random, 1, sealed - 1);
    const [a, b] = [idAt(seq), idAt(seq + 1)];
    await sql`update audit x set detail = y.detail, subject_id = y.subject_id from audit y where x.id in (${a}, ${b}) and y.id in (${a}, ${b}) and x.id <> y.id`.execute(
      trx,
    );
    return { auditIds: [a, b] };
  },
  'swap two places': async ({ trx, random, sealed }) => {
    const seq = uniformInt(random, 1, sealed - 1);
    await sql`update audit_seal set seq = -seq where seq in (${seq}, ${seq + 1})`.execute(trx);
    await sql`update audit_seal set seq = ${2 * seq + 1} + seq where seq < 0`.execute(trx);
    return { seqs: [seq, seq + 1] };
  },
  'edit a hash': async ({ trx, random, sealed }) => {
    const seq = uniformInt(random, 1, sealed);
    await sql`update audit_seal set hash = reverse(hash) where seq = ${seq}`.execute(trx);
    return { seqs: [seq] };
  },
  'edit the time of a seal': async ({ trx, random, sealed }) => {
    const seq = uniformInt(random, 1, sealed);
    await sql`update audit_seal set sealed_at = sealed_at - interval '1 hour' where seq = ${seq}`.execute(trx);
    return { seqs: [seq] };
  },
  'slip in a row without a seal': async ({ trx }) => {
    const { rows } = await sql<{
      id: number;
    }>`insert into audit (mode, actor, action, subject_kind, detail) values ('practice', 'x', 'x', 'x', '{}') returning id`.execute(trx);
    return { auditIds: [rows[0]?.id ?? -1] };
  },
  'slip in a row with a forged seal': async ({ trx, sealed }) => {
    const { rows } = await sql<{
      id: number;
    }>`insert into audit (mode, actor, action, subject_kind, detail) values ('practice', 'x', 'x', 'x', '{}') returning id`.execute(trx);
    await sql`insert into audit_seal (seq, audit_id, hash) values (${sealed + 1}, ${rows[0]?.id}, ${'a'.repeat(64)})`.execute(trx);
    return { auditIds: [rows[0]?.id ?? -1] };
  },
  'put a seal before the chain': async ({ trx, unsealedIds }) => {
    await sql`delete from audit_unsealed where audit_id = ${unsealedIds[0]}`.execute(trx);
    await sql`insert into audit_seal (seq, audit_id, hash) values (0, ${unsealedIds[0]}, ${'b'.repeat(64)})`.execute(trx);
    return { auditIds: unsealedIds.slice(0, 1) };
  },
  'delete a row before it is sealed': async ({ trx, random, unsealedIds }) => {
    const id = unsealedIds[uniformInt(random, 0, unsealedIds.length - 1)] ?? -1;
    await trx.deleteFrom('audit').where('id', '=', id).execute();
    return { auditIds: [id] };
  },
  'take a row out of the queue': async ({ trx, random, unsealedIds }) => {
    const id = unsealedIds[uniformInt(random, 0, unsealedIds.length - 1)] ?? -1;
    await trx.deleteFrom('audit_unsealed').where('audit_id', '=', id).execute();
    return { auditIds: [id] };
  },
  'queue a sealed row again': async ({ trx, random, sealed, idAt }) => {
    const id = idAt(uniformInt(random, 1, sealed));
    await sql`insert into audit_unsealed values (${id})`.execute(trx);
    return { auditIds: [id] };
  },
};

class Undo extends Error {}

/** Attacks inside a transaction, verifies there, and takes everything back. */
async function afterAttack(
  attack: (trx: DatabaseOrTrx) => Promise<Suspects>,
  options = {},
): Promise<{ report: AuditReport; suspects: Suspects }> {
  let found: { report: AuditReport; suspects: Suspects } | undefined;
  await admin
    .transaction()
    .execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx);
      const suspects = await attack(trx);
      found = { suspects, report: await verifyAudit(trx, options) };
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  if (found === undefined) throw new Error('the attack did not run');
  return found;
}

const names = ({ report, suspects }: { report: AuditReport; suspects: Suspects }): boolean =>
  !report.ok &&
  report.problems.some(
    ({ seq, auditId }) => (auditId !== null && suspects.auditIds?.includes(auditId)) || (seq !== null && suspects.seqs?.includes(seq)),
  );

async function layGround(sealed: number): Promise<Omit<Ground, 'trx' | 'random'>> {
  await recordAudit(product, entries(sealed));
  await sealAudit({ db: product });
  await recordAudit(product, entries(5, sealed));
  const seals = await product.selectFrom('audit_seal').select(['seq', 'audit_id']).execute();
  const ids = new Map(seals.map((seal) => [seal.seq, seal.audit_id]));
  const queue = await product.selectFrom('audit_unsealed').select('audit_id').execute();
  return { sealed, idAt: (seq) => ids.get(seq) ?? -1, unsealedIds: queue.map((row) => row.audit_id) };
}

describe('tampering', () => {
  test(`each of ${MUTATIONS} random changes by a superuser is found and its row named`, async () => {
    const ground = await layGround(60);
    expect((await verifyAudit(product)).ok).toBe(true);
    const kinds = Object.keys(ATTACKS);
    const missed: string[] = [];
    for (let seed = 0; seed < MUTATIONS; seed += 1) {
      const kind = kinds[seed % kinds.length] as string;
      const result = await afterAttack((trx) => (ATTACKS[kind] as (typeof ATTACKS)[string])({ ...ground, trx, random: randomFrom(seed) }));
      if (!names(result)) missed.push(`${kind} (seed ${seed}): ${JSON.stringify(result)}`);
    }
    expect(missed).toEqual([]);
    // The attacks were taken back, so what was found was them.
    expect((await verifyAudit(product)).ok).toBe(true);
  });

  test('an edit is charged to its own row only, so a person knows where to look', async () => {
    const ground = await layGround(20);
    for (const statement of [
      `update audit set actor = 'x' where id = ${ground.idAt(7)}`,
      'update audit_seal set hash = reverse(hash) where seq = 7',
    ]) {
      const { report } = await afterAttack(async (trx) => {
        await sql.raw(statement).execute(trx);
        return {};
      });
      expect(report.problems, statement).toEqual([{ seq: 7, auditId: ground.idAt(7), what: 'the row, its place or its seal was changed' }]);
    }
  });

  test('a chain cut short, or rewritten from some row to the end, is betrayed by a head noted outside', async () => {
    const ground = await layGround(20);
    const { head } = await verifyAudit(product);
    if (head === null) throw new Error('nothing was sealed');
    const cut = async (trx: DatabaseOrTrx) => {
      await sql`delete from audit where id in (select audit_id from audit_seal where seq > 15)`.execute(trx);
      await sql`delete from audit_seal where seq > 15`.execute(trx);
      return {};
    };
    expect((await afterAttack(cut)).report.ok).toBe(true);
    expect((await afterAttack(cut, { anchors: [head] })).report.problems).toEqual([
      { seq: 20, auditId: null, what: expect.stringContaining('cut short') },
    ]);

    const rewrite = async (trx: DatabaseOrTrx) => {
      await sql`update audit set actor = 'x' where id = ${ground.idAt(12)}`.execute(trx);
      await sql`insert into audit_unsealed select audit_id from audit_seal where seq >= 12`.execute(trx);
      await sql`delete from audit_seal where seq >= 12`.execute(trx);
      await inSameTransaction(trx);
      return {};
    };
    const rewritten = await afterAttack(rewrite);
    expect(rewritten.report.ok).toBe(true);
    expect((await afterAttack(rewrite, { anchors: [head] })).report.problems).toEqual([
      expect.objectContaining({ seq: 20, what: expect.stringContaining('rewritten') }),
    ]);
    expect((await verifyAudit(product, { anchors: [head] })).ok).toBe(true);
  });

  test('a hash differs with every part of the row and with its place', () => {
    const row = {
      id: '1',
      at: '2026-11-22T09:00:00',
      mode: 'practice',
      actor: 'a',
      action: 'b',
      subjectKind: 'c',
      subjectId: '2',
      detail: '{}',
    };
    const place = { seq: '1', sealedAt: '2026-11-22T09:00:01' };
    const base = chainHash('0', place, row);
    const others = Object.keys(row).map((key) => chainHash('0', place, { ...row, [key]: 'other' }));
    others.push(
      chainHash('1', place, row),
      chainHash('0', { ...place, seq: '2' }, row),
      chainHash('0', { ...place, sealedAt: 'x' }, row),
      chainHash('0', place, { ...row, subjectId: null }),
    );
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
    expect(chainHash('0', place, row)).toBe(base);
  });
});

/** Seals again inside the attacker's own transaction. */
async function inSameTransaction(trx: DatabaseOrTrx): Promise<void> {
  await sealBatch(trx as Parameters<typeof sealBatch>[0], 1_000);
}

describe('/audit', () => {
  const caller: Caller = {
    platformId: 'console:owner',
    person: 'console:owner',
    roles: new Set(['viewer', 'operator', 'owner']),
    surface: 'console',
    goalId: null,
  };
  const ask = (words: Record<string, unknown>) => audit.run({ input: audit.input.parse(words), caller, deps: { db: product } as Deps });

  test('verifies by default, shows the head to keep, and holds it against the chain later', async () => {
    await recordAudit(product, entries(4));
    await sealAudit({ db: product });
    const card = await ask({});
    expect(card).toMatchObject({ tone: 'good', title: 'The audit chain is whole' });
    const head = card.fields?.find((field) => field.label === 'Head')?.value ?? '';
    expect(head).toMatch(/^4:[0-9a-f]{64}$/);
    expect(await ask({ head })).toMatchObject({ tone: 'good' });
    expect(await ask({ head: `9:${'0'.repeat(64)}` })).toMatchObject({
      tone: 'bad',
      table: { rows: [['9', '', expect.stringContaining('cut short')]] },
    });
    expect(() => audit.input.parse({ head: 'nonsense' })).toThrow();
  });

  test('names a changed row', async () => {
    await recordAudit(product, entries(4));
    await sealAudit({ db: product });
    await admin.transaction().execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx);
      await sql`update audit set action = 'x' where subject_id = 2`.execute(trx);
    });
    const card = await ask({ action: 'verify' });
    expect(card.tone).toBe('bad');
    expect(card.table?.rows).toEqual([['3', expect.any(String), 'the row, its place or its seal was changed']]);
  });

  test('exports the newest rows, newest first', async () => {
    await recordAudit(product, entries(5));
    await sealAudit({ db: product });
    await recordAudit(product, [entry({ actor: 'new', detail: { note: '<b>@everyone</b>' } })]);
    const card = await ask({ action: 'export', rows: 3 });
    expect(card.table?.rows).toHaveLength(3);
    expect(card.table?.rows[0]).toEqual(expect.arrayContaining(['new', 'goal 1', 'not sealed yet']));
    expect(card.table?.rows[1]?.at(-1)).toBe('5');
  });
});
