// Why a call to a model failed, as the books need to know it: may it have left, may it cost something.
// It travels as the `cause` of the Upstream that `ChatModel.chat` throws.

export type CallFailureKind =
  | 'connect'
  | 'network'
  | 'timeout'
  | 'rate_limited'
  | 'server'
  | 'rejected'
  | 'garbled'
  | 'stopped'
  | 'breaker_open';

export class ModelCallFailure extends Error {
  readonly kind: CallFailureKind;
  /** False only when the request provably never left this machine. */
  readonly sent: boolean;
  /** False when it never left or the provider turned it away before doing any work (any 4xx): nothing is owed. */
  readonly mayCost: boolean;
  readonly status: number | null;
  /** The prompt has more tokens than the model takes. */
  readonly tooLong: boolean;

  /** `message` is for the log: it may hold the provider's own words, never our key. */
  constructor(
    message: string,
    facts: { kind: CallFailureKind; sent: boolean; mayCost: boolean; status?: number | null; tooLong?: boolean },
  ) {
    super(message);
    this.name = 'ModelCallFailure';
    this.kind = facts.kind;
    this.sent = facts.sent;
    this.mayCost = facts.mayCost;
    this.status = facts.status ?? null;
    this.tooLong = facts.tooLong ?? false;
  }
}
