// Every secret of a configuration, wherever it stands in it: one that is added later is found without being named here.
import type { Config } from './config.ts';
import { Secret } from './core/secret.ts';

/** The values, and the last word of one like `Bearer abc`; the password of the database's address too. */
export function configuredSecrets(config: Config): string[] {
  const found = new Set<string>();
  walk(config, (value) => {
    for (const piece of [value, ...value.split(/[\s,]+/)]) found.add(piece);
  });
  const { url } = config.db;
  if (url !== null && URL.canParse(url)) found.add(decodeURIComponent(new URL(url).password));
  found.delete('');
  return [...found];
}

function walk(value: unknown, tell: (secret: string) => void): void {
  if (value instanceof Secret) tell(value.reveal());
  else if (value instanceof Map || Array.isArray(value)) for (const item of value.values()) walk(item, tell);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) walk(item, tell);
}
