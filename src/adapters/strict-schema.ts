// A JSON Schema as strict structured output takes it: limits on text length are refused there, and zod checks them anyway.

const REFUSED: ReadonlySet<string> = new Set(['$schema', 'minLength', 'maxLength', 'default']);
/** Under these keys stand names chosen by us, not keywords. */
const MAPS_OF_SCHEMAS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const LITERALS: ReadonlySet<string> = new Set(['enum', 'const', 'required']);

export function strictSchema(schema: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (REFUSED.has(key)) continue;
    if (MAPS_OF_SCHEMAS.has(key) && isRecord(value)) {
      kept[key] = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, strictPart(inner)]));
    } else {
      kept[key] = LITERALS.has(key) ? value : strictPart(value);
    }
  }
  if (!isRecord(kept['properties'])) return kept;
  return { ...kept, required: Object.keys(kept['properties']), additionalProperties: false };
}

function strictPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strictPart);
  return isRecord(value) ? strictSchema(value) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
