// What is sold through a payment provider, since when it is connected, and how its books compare with ours.
import type { Generated } from 'kysely';
import type { Created, Jsonb, Maybe, MaybeMoment, Mode } from './columns.ts';

/** Net sums of a window in one currency, in micro units as digits. */
export interface ReconciledSum {
  currency: string;
  provider: string;
  books: string;
}

export interface PaymentTables {
  payment_source: { source: string; mode: Mode; connected_at: Created };
  payment: {
    mode: Mode;
    charge_id: string;
    launch_id: Maybe<number>;
    customer: Maybe<string>;
    amount_micros: bigint;
    refunded_micros: bigint;
    currency: string;
    booked_micros: bigint;
    booked_currency: string;
    created_at: Created;
  };
  payment_link: {
    launch_id: number;
    mode: Mode;
    external_id: string;
    url: string;
    price_id: string;
    name: string;
    amount_micros: bigint;
    currency: string;
    wanted_active: Generated<boolean>;
    active: Generated<boolean>;
    changed_by: Maybe<string>;
    changed_why: Maybe<string>;
    changed_at: MaybeMoment;
  };
  payment_reconciliation: {
    id: Generated<number>;
    mode: Mode;
    source: string;
    from_at: Date;
    to_at: Date;
    transactions: number;
    fetched: number;
    sums: Jsonb<ReconciledSum[]>;
    unbooked: Jsonb<string[]>;
    created_at: Created;
  };
}
