// Words of a command line → a command with its input, checked against the menu the bot serves.
import { isQuestion } from '../../domain/conversations/question.ts';
import { type MenuEntry, type MenuField, readFields } from '../http/menu.ts';

export type Parsed =
  | { kind: 'command'; name: string; input: Record<string, unknown> }
  | { kind: 'text'; text: string }
  | { kind: 'bad'; problem: string };

/** Flags of the program itself, taken out before a command sees the words. */
export function takeFlag(words: readonly string[], flag: string): { found: boolean; rest: string[] } {
  const end = words.indexOf('--');
  const at = words.findIndex((word, index) => word === flag && (end === -1 || index < end));
  return at === -1 ? { found: false, rest: [...words] } : { found: true, rest: words.toSpliced(at, 1) };
}

/** `--field value`, `--field=value`, `field:value` and bare words; a first word that is no command makes the whole free text. */
export function parseWords(words: readonly string[], menu: readonly MenuEntry[]): Parsed {
  const entry = menu.find(({ name }) => name === words[0]);
  if (entry === undefined) return parseText(words, menu);
  const given: Record<string, string> = {};
  const bare: string[] = [];
  const rest = words.slice(1);
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    if (word === '--') {
      bare.push(...rest.slice(at + 1));
      break;
    }
    const named = readNamed(word, rest[at + 1], entry);
    if (named === null) bare.push(word);
    else if ('problem' in named) return { kind: 'bad', problem: named.problem };
    else {
      given[named.name] = named.value;
      if (named.usedNext) at += 1;
    }
  }
  const problem = placeBare(bare, given, entry);
  if (problem === null) return { kind: 'command', name: entry.name, input: readFields(entry, given) };
  // "why did you cancel goal 3?" begins like a command and is none.
  const text = words.join(' ');
  return isQuestion(text) ? { kind: 'text', text } : { kind: 'bad', problem };
}

/** One mistyped word is not a goal: plain text needs at least two. */
function parseText(words: readonly string[], menu: readonly MenuEntry[]): Parsed {
  const text = words.join(' ').trim();
  if (text.includes(' ')) return { kind: 'text', text };
  return { kind: 'bad', problem: `There is no command "${text}". Commands: ${menu.map(({ name }) => name).join(', ')}` };
}

type Named = { name: string; value: string; usedNext: boolean } | { problem: string };

function readNamed(word: string, next: string | undefined, entry: MenuEntry): Named | null {
  const colon = /^([A-Za-z]\w*):(.*)$/s.exec(word);
  const byColon = colon === null ? undefined : findField(entry, colon[1] ?? '');
  if (byColon !== undefined) return { name: byColon.name, value: colon?.[2] ?? '', usedNext: false };
  const flag = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
  if (flag === null) return null;
  const field = findField(entry, flag[1] ?? '');
  if (field === undefined) return { problem: `"${entry.name}" has no field "${flag[1]}". ${describeFields(entry)}` };
  if (flag[2] !== undefined) return { name: field.name, value: flag[2], usedNext: false };
  if (field.type === 'boolean' && !/^(true|false|yes|no)$/i.test(next ?? '')) return { name: field.name, value: 'true', usedNext: false };
  if (next === undefined) return { problem: `--${field.name} needs a value.` };
  return { name: field.name, value: next, usedNext: true };
}

/** `--task-id` is `taskId`, too. */
function findField(entry: MenuEntry, name: string): MenuField | undefined {
  const plain = (text: string) => text.replaceAll(/[-_]/g, '').toLowerCase();
  return entry.fields.find((field) => plain(field.name) === plain(name));
}

function describeFields(entry: MenuEntry): string {
  return entry.fields.length === 0 ? 'It takes none.' : `Its fields: ${entry.fields.map(({ name }) => name).join(', ')}.`;
}

/** Where no field takes bare words, a field's name and a value do: `budget standing 100`. */
function placePair([name = '', value, ...rest]: readonly string[], given: Record<string, string>, entry: MenuEntry): boolean {
  const field = findField(entry, name);
  if (field === undefined || value === undefined || rest.length > 0 || given[field.name] !== undefined) return false;
  given[field.name] = value;
  return true;
}

/** Bare words fill the positional field; where that takes a number, the words behind it are the first sentence still open (`deny 17 too dear`). */
function placeBare(bare: string[], given: Record<string, string>, entry: MenuEntry): string | null {
  if (bare.length === 0) return null;
  const positional = entry.fields.find(({ name }) => name === entry.positional);
  if (positional === undefined && placePair(bare, given, entry)) return null;
  if (positional === undefined) return `"${entry.name}" takes no bare words ("${bare[0]}"). ${describeFields(entry)}`;
  const [first = '', ...others] = bare;
  const splits = !positional.words && /^#?\d+$/.test(first) && others.length > 0;
  given[positional.name] = splits ? first : bare.join(' ');
  if (!splits) return null;
  const sentence = entry.fields.find((field) => field.words && given[field.name] === undefined && field.name !== positional.name);
  if (sentence === undefined) return `"${entry.name}" takes one ${positional.name}; "${others.join(' ')}" is too much.`;
  given[sentence.name] = others.join(' ');
  return null;
}
