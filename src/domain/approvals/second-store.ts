// A request of one person for another's yes: the first yes is the asker's own. Times are the database's.
import { sql } from 'kysely';
import type { Micros } from '../../core/money.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Mode } from '../tools/tool.ts';
import type { Approval } from './approval-store.ts';

export interface SecondRequest {
  mode: Mode;
  kind: 'expense' | 'budget';
  subjectId: number;
  title: string;
  askedBy: string;
  amountMicros: Micros;
  payee: string | null;
  story: { label: string; text: string }[];
  requestHash: string;
  typeAmount: boolean;
  expiryMs: number;
}

const inMs = (ms: number) => sql<Date>`clock_timestamp() + make_interval(secs => ${ms / 1000})`;

export function addSecondRequest(db: DatabaseOrTrx, request: SecondRequest): Promise<Approval> {
  return db
    .insertInto('approval')
    .values({
      mode: request.mode,
      kind: request.kind,
      goal_id: null,
      subject_id: request.subjectId,
      title: request.title,
      status: 'pending',
      asked_by: request.askedBy,
      amount_micros: request.amountMicros,
      payee: request.payee,
      risk_score: 0.5,
      risk_level: 'medium',
      factors: JSON.stringify([{ name: 'amount', contribution: 0.5, note: 'above what one person decides alone' }]),
      reversible: true,
      outward: false,
      story: JSON.stringify(request.story),
      request_hash: request.requestHash,
      needed: 2,
      type_amount: request.typeAmount,
      expires_at: inMs(request.expiryMs),
      remind_at: inMs(request.expiryMs / 2),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}
