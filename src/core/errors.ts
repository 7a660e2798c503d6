// The expected ways a request can fail. `message` is for the log, `reply` is safe to show to the person who asked.
// Only dispatch and the loop catch everything; anything that is no AppError becomes "Something broke (ref …)".

export type ErrorCode = 'invalid_input' | 'not_found' | 'not_allowed' | 'conflict' | 'limit_exceeded' | 'upstream';

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reply: string;
  constructor(code: ErrorCode, reply: string, options?: { cause?: unknown; message?: string }) {
    super(options?.message ?? reply, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.reply = reply;
  }
}

export class InvalidInput extends AppError {
  /** Every bad field with what is wrong with it; `_` stands for the whole input. */
  readonly fields: Record<string, string>;
  constructor(reply: string, fields: Record<string, string> = {}) {
    super('invalid_input', reply);
    this.fields = fields;
  }
}

export class NotFound extends AppError {
  constructor(reply: string) {
    super('not_found', reply);
  }
}

export class NotAllowed extends AppError {
  constructor(reply: string) {
    super('not_allowed', reply);
  }
}

export class Conflict extends AppError {
  constructor(reply: string) {
    super('conflict', reply);
  }
}

export class LimitExceeded extends AppError {
  constructor(reply: string) {
    super('limit_exceeded', reply);
  }
}

/** A service outside failed. `retryable` says whether asking again later can help; `retryAfterMs` is what the service asked for. */
export class Upstream extends AppError {
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  constructor(reply: string, options: { retryable: boolean; retryAfterMs?: number | null; cause?: unknown }) {
    super('upstream', reply, options.cause === undefined ? {} : { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
