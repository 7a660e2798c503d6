// Customers, orders, receipts and promises.
import type { Generated } from 'kysely';
import type { Created, Maybe, MaybeMoment, Mode, Moment, Money } from './columns.ts';
import type { Consent, DeliveryWay, OrderStatus, PromiseKind, PromiseStatus, ReceiptKind } from './states.ts';

export interface OrderTables {
  customer: {
    id: Generated<number>;
    mode: Mode;
    source: string;
    external_id: string;
    name: Maybe<string>;
    email: Maybe<string>;
    consent: Generated<Consent>;
    first_order_at: Date;
    last_order_at: Date;
    erased_at: MaybeMoment;
    erased_by: Maybe<string>;
    created_at: Created;
  };
  delivery_rule: {
    mode: Mode;
    offer_id: string;
    way: DeliveryWay;
    url: Maybe<string>;
    document_id: Maybe<number>;
    days: number;
    set_by: string;
    updated_at: Moment;
  };
  customer_order: {
    id: Generated<number>;
    mode: Mode;
    source: string;
    charge_id: string;
    customer_id: number;
    goal_id: Maybe<number>;
    launch_id: Maybe<number>;
    offer_id: Maybe<string>;
    currency: string;
    amount_micros: bigint;
    refunded_micros: Money;
    status: OrderStatus;
    way: DeliveryWay;
    hook_url: Maybe<string>;
    document_id: Maybe<number>;
    paid_at: Date;
    deliver_by: Date;
    link_until: MaybeMoment;
    /** The idempotency key of its fulfilment, the same for every try. */
    key: string;
    attempt: Generated<number>;
    next_at: MaybeMoment;
    lease_owner: Maybe<number>;
    trouble: Maybe<string>;
    late_told_at: MaybeMoment;
    created_at: Created;
    updated_at: Moment;
  };
  order_step: {
    id: Generated<number>;
    order_id: number;
    from_status: Maybe<OrderStatus>;
    to_status: OrderStatus;
    reason: string;
    by: string;
    at: Created;
  };
  order_refund: { source: string; refund_id: string; charge_id: string; amount_micros: bigint; at: Date };
  receipt: {
    id: Generated<number>;
    mode: Mode;
    kind: ReceiptKind;
    order_id: number;
    source: string;
    external_id: string;
    sha256: Maybe<string>;
    note: Maybe<string>;
    created_at: Created;
  };
  promise: {
    id: Generated<number>;
    mode: Mode;
    order_id: number;
    kind: PromiseKind;
    words: string;
    said_in: 'offer page' | 'order' | 'refund' | 'message';
    due_at: Date;
    status: Generated<PromiseStatus>;
    receipt_id: Maybe<number>;
    reason: Maybe<string>;
    said_by: string;
    closed_by: Maybe<string>;
    closed_at: MaybeMoment;
    created_at: Created;
  };
  signing_key: { id: number; secret: string };
}
