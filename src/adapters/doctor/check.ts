// What doctor finds out: one line a check, and for a fault what to do about it.

export interface Check {
  /** What was looked at, like `Slack channel C1 (goals)`. */
  what: string;
  ok: boolean;
  /** What was found: a version, a name, or what is wrong. */
  found: string;
  /** For a fault: what to do, with the page to do it on. */
  fix?: string;
}

export const good = (what: string, found: string): Check => ({ what, ok: true, found });
export const bad = (what: string, found: string, fix: string): Check => ({ what, ok: false, found, fix });

/** One sentence of any error. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && error.cause.message !== '' ? ` (${error.cause.message})` : '';
  return `${error.message.split('\n')[0]}${cause}`;
}

export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ what }) => what.length));
  return checks
    .map(({ what, ok, found, fix }) => {
      const line = `${ok ? 'ok  ' : 'BAD '} ${what.padEnd(width)}  ${found}`;
      return fix === undefined ? line : `${line}\n     ${' '.repeat(width)}  → ${fix}`;
    })
    .join('\n');
}
