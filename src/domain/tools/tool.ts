// The port to anything the agent can do. A tool states what it touches; policy facts (amount, payee) come from its own
// code and the database, never from what a model says about them.
import type { z } from 'zod';
import type { Json } from '../../core/canonical-json.ts';
import type { Micros } from '../../core/money.ts';
import type { Along } from '../../db/along.ts';
import type { Trx } from '../../db/database.ts';
import type { TaskKind } from '../brain/plan.ts';

export type Mode = 'practice' | 'live';

/** What a call changes: nothing, rows of ours, something outside, or money. */
export type Touches = 'nothing' | 'own_data' | 'outside' | 'money';
export type Reach = 'nobody' | 'customers' | 'public';

/** The kinds of act that risk knows (domain/approvals/risk.ts); `unclassified` is what nobody has judged and counts as critical. */
export type ActKind = 'read' | 'write_own' | 'launch' | 'stop_spend' | 'refund' | 'publish' | 'delete_data' | 'unclassified';

export interface Quote {
  /** What leaves if the call is made; 0n for acts without money. */
  amountMicros: Micros;
  payee: string | null;
  /** One plain sentence for the approval card, from code: what happens. Without the amount, which a person may lower. */
  effect: string;
  expectedReturn: string | null;
  /** A person reads this very call, whatever was permitted in advance: no standing grant covers it. */
  review?: true;
}

export interface EvidenceDraft {
  kind: 'outside_read' | 'document' | 'file' | 'receipt' | 'readback' | 'metric_points';
  /** Where it can be found again: a URL, a far-side id, a row. */
  source: string;
  sha256: string;
}

export interface Success {
  ok: true;
  output: Json;
  evidence: EvidenceDraft[];
  /** What was really spent, when the call moves money; settled with the result. */
  spentMicros: Micros;
  /** The far side's id of the effect, the external id of its journal. */
  receipt: string | null;
}

/** `outage`: the service behind the tool is not there, as far as this call could tell. */
export type ToolOutcome = Success | { ok: false; error: string; retryable: boolean; outage?: boolean };

/** What the far side says about an idempotency key after a crash. */
export type Reconciliation = { kind: 'happened'; outcome: ToolOutcome } | { kind: 'never_happened' } | { kind: 'unknown'; why: string };

export interface ToolContext {
  mode: Mode;
  goalId: number;
  taskId: number;
  toolCallId: number;
  /** The request id: the same for every try of this call, on every machine. */
  idempotencyKey: string;
  now: () => Date;
  signal: AbortSignal;
}

export interface Tool<Input = unknown> {
  name: string;
  /** Part of what an approval covers: another version asks anew. */
  version: string;
  description: string;
  input: z.ZodType<Input>;
  /** JSON Schema that a model is shown, where it is not made from `input`. */
  parameters?: Record<string, unknown>;
  /** The kinds of task it serves, where the rules of evidence do not list it by name. */
  kinds?: readonly TaskKind[];
  /** A person is asked once the run has read strangers' text: what its arguments mean is known to nobody but the far side. */
  asksWhenTainted?: boolean;
  /** What it says of itself are words of somebody else's server, which a model is shown in the list of tools. */
  foreign?: true;
  /** Why it may not be used now; null while it may. */
  closed?(): string | null;
  act: ActKind;
  touches: Touches;
  reversible: boolean;
  reach: Reach;
  credentials: boolean;
  production: boolean;
  modes: readonly Mode[];
  /** Its output is text of strangers (web pages, other people's servers). */
  taints: boolean;
  /** Running it again after a crash does no harm. False means: reconcile, never re-run blindly. */
  repeatable: boolean;
  rate: { perMinute: number; perHour: number };
  /** Its amount is what people permit to be spent later: asked for, and reserved by the calls that spend it, not by this one. */
  commits?: true;
  /** The outside service a call needs, for its breaker and its health; `others`: the same may be had elsewhere, so nobody waits for it. */
  service?(input: unknown): { name: string; others: boolean } | null;
  /** Pure on top of rows: same input and rows, same quote. @throws InvalidInput when the input names nothing real. */
  quote(input: Input, context: ToolContext): Promise<Quote>;
  run(input: Input, context: ToolContext): Promise<ToolOutcome>;
  reconcile(input: Input, context: ToolContext): Promise<Reconciliation>;
  /** Rows of ours that the result creates, written in the transaction that ends the call: exactly once with it. */
  record?(trx: Trx, input: Input, outcome: Success, context: ToolContext): Promise<void>;
  /** The same as statements that go along with the one that ends the call, where they need nothing but its result: cheaper, as sure. */
  recordAlong?(input: Input, outcome: Success, context: ToolContext): Along[];
  /** The same act for less money, when a person lowers the amount; null when that makes no sense. */
  withAmount?(input: Input, amountMicros: Micros): Input | null;
}
