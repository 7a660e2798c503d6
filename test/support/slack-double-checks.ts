// Small checks that say what is wrong with a value and where, in the words of Slack's `response_metadata.messages`.
// The limits themselves are in slack-double-blocks.ts and slack-double-elements.ts.
import { isFields } from './slack-double-model.ts';

/** Adds what is wrong with `value` to `problems`; `at` is its JSON pointer. */
export type Check = (value: unknown, at: string, problems: string[]) => void;

function report(problems: string[], at: string, message: string): void {
  problems.push(`[ERROR] ${message} [json-pointer:${at}]`);
}

export const anything: Check = () => undefined;

export function string(max: number, min = 1): Check {
  return (value, at, problems) => {
    if (typeof value !== 'string') report(problems, at, 'must be a string');
    else if (value.length > max) report(problems, at, `must be less than ${max + 1} characters`);
    else if (value.length < min) report(problems, at, `must be more than ${min - 1} characters`);
  };
}

export const boolean: Check = (value, at, problems) => {
  if (typeof value !== 'boolean') report(problems, at, 'must be a boolean');
};

export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Check {
  return (value, at, problems) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) report(problems, at, 'must be a number');
    else if (value < min || value > max) report(problems, at, `must be between ${min} and ${max}`);
  };
}

export function oneOf(...values: string[]): Check {
  return (value, at, problems) => {
    if (typeof value !== 'string' || !values.includes(value)) report(problems, at, `must be one of ${values.join(', ')}`);
  };
}

export function items(check: Check, max: number, min = 1): Check {
  return (value, at, problems) => {
    if (!Array.isArray(value)) return report(problems, at, 'must be an array');
    if (value.length > max) report(problems, at, `no more than ${max} items allowed`);
    if (value.length < min) report(problems, at, `no fewer than ${min} items allowed`);
    for (const [index, each] of value.entries()) check(each, `${at}/${index}`, problems);
  };
}

/** An object of exactly these fields; a name that ends in `?` may be missing. `type` is allowed everywhere. */
export function fields(shape: Record<string, Check>): Check {
  const known = new Map(Object.entries(shape).map(([name, check]) => [name.replace(/\?$/, ''), check]));
  const required = Object.keys(shape).filter((name) => !name.endsWith('?'));
  const checkOne = (name: string, value: unknown, at: string, problems: string[]): void => {
    const check = known.get(name);
    if (check !== undefined) check(value, at, problems);
    else if (name !== 'type') report(problems, at, `unknown field: ${name}`);
  };
  return (value, at, problems) => {
    if (!isFields(value)) return report(problems, at, 'must be an object');
    for (const name of required) if (value[name] === undefined) report(problems, at, `missing required field: ${name}`);
    for (const [name, each] of Object.entries(value)) checkOne(name, each, `${at}/${name}`, problems);
  };
}

/** One of several objects told apart by `type`. */
export function byType(kinds: Record<string, Check>): Check {
  return (value, at, problems) => {
    const type = isFields(value) ? value['type'] : undefined;
    const check = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    if (check === undefined) report(problems, `${at}/type`, `unsupported type: ${String(type)}`);
    else check(value, at, problems);
  };
}

/** More than one field's own rule, like "text or fields". */
export function also(check: Check, rule: (value: Record<string, unknown>) => string | null): Check {
  return (value, at, problems) => {
    check(value, at, problems);
    const wrong = isFields(value) ? rule(value) : null;
    if (wrong !== null) report(problems, at, wrong);
  };
}
