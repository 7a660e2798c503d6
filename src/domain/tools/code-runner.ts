// The port to running a model's code. Behind it: adapters/code.
import type { Json } from '../../core/canonical-json.ts';

export interface CodeFile {
  name: string;
  body: string;
}

export type CodeOutcome = { ok: true; value: Json; log: string; files: CodeFile[] } | { ok: false; error: string; log: string };

export interface CodeRunner {
  /** Never throws for what the code does; the signal ends it at once. */
  run(job: { code: string; inputs: Json }, options: { signal: AbortSignal }): Promise<CodeOutcome>;
}
