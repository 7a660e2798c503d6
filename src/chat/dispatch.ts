// The one path of every command from every surface: find, authorise, parse, run; whatever goes wrong becomes a card.
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { findUnstorable } from '../core/canonical-json.ts';
import { AppError, InvalidInput, NotAllowed, NotFound } from '../core/errors.ts';
import { isQuestion } from '../domain/conversations/question.ts';
import type { Role } from '../domain/people/role.ts';
import type { Deps } from '../flows/deps.ts';
import type { Answer, Dispatch, Hear } from './answer.ts';
import type { Card } from './card.ts';
import type { Caller, Command } from './command.ts';
import { escapeMarkdown, plainLine } from './escape.ts';
import { readTyped } from './typed-command.ts';

/** @param onStranger told the platform id of somebody without any role. */
export function createDispatch(deps: Deps, commands: readonly Command[], onStranger: (platformId: string) => Promise<void>): Dispatch {
  const byName = new Map(commands.map((command) => [command.name, command]));
  return async ({ name, input, caller }) => {
    try {
      // Someone without any role learns nothing about what exists.
      if (caller.roles.size === 0) {
        await onStranger(caller.platformId);
        throw strangerRefusal(caller);
      }
      const command = byName.get(name);
      if (command === undefined) throw new NotFound(`There is no command "${plainLine(name, 40)}". "help" lists them all.`);
      return { ok: true, code: null, card: await runCommand(deps, command, input, caller) };
    } catch (error) {
      return answerError(deps, error, name);
    }
  };
}

async function runCommand(deps: Deps, command: Command, raw: Record<string, unknown>, caller: Caller): Promise<Card> {
  if (typeof command.role === 'string') requireRole(command, command.role, caller);
  refuseUnstorable(raw);
  const given = dropBlank(raw);
  const parsed = strictInput(command).safeParse(given);
  if (!parsed.success) throw invalidInput(command, parsed.error, given);
  if (typeof command.role === 'function') requireRole(command, command.role(parsed.data), caller);
  return command.run({ input: parsed.data, caller, deps });
}

/** Made once for each command: making a schema costs more than reading with it. */
const strictInputs = new WeakMap<Command, z.ZodObject>();

function strictInput(command: Command): z.ZodObject {
  const known = strictInputs.get(command) ?? command.input.strict();
  strictInputs.set(command, known);
  return known;
}

function requireRole(command: Command, role: Role, caller: Caller): void {
  if (caller.roles.has(role)) return;
  throw new NotAllowed(`"${command.name}" needs the role ${role}. You are ${caller.platformId} (${[...caller.roles].join(', ')}).`);
}

/** What cannot be kept byte for byte is refused, never changed in passing. */
function refuseUnstorable(input: unknown): void {
  const trouble = findUnstorable(input);
  if (trouble !== null)
    throw new InvalidInput(`This cannot be stored as it is: ${trouble}. Remove it and send the rest again; nothing was done.`);
}

/** An empty field of a form is the same as none. */
function dropBlank(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== '' && value !== null && value !== undefined));
}

function strangerRefusal(caller: Caller): AppError {
  return new AppError(
    'not_allowed',
    `You have no role here yet. Your id is ${caller.platformId}. An owner adds you with: team add:${caller.platformId} role:viewer, or with JUG_VIEWERS in .env.`,
  );
}

function invalidInput(command: Command, error: z.ZodError, given: Record<string, unknown>): InvalidInput {
  const fields = Object.fromEntries(error.issues.flatMap((issue) => describeIssue(command, issue, given)));
  const lines = Object.entries(fields).map(
    ([field, message]) => (field === '_' ? '' : `${plainLine(field, 40)}: `) + plainLine(message, 200),
  );
  return new InvalidInput(`${lines.join('; ')}. Example: ${command.examples[0] ?? command.name}`, fields);
}

function describeIssue(command: Command, issue: z.core.$ZodIssue, given: Record<string, unknown>): [field: string, problem: string][] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => [key, key === '_' ? `"${command.name}" has no place for some of these words` : 'no such field']);
  const [field] = issue.path;
  if (field === undefined) return [['_', issue.message]];
  return [[issue.path.join('.'), Object.hasOwn(given, field) ? issue.message : 'is missing']];
}

function answerError(deps: Deps, error: unknown, command: string): Answer {
  if (error instanceof AppError) {
    const answer = refused(error.code, TITLES[error.code], error.reply);
    return error instanceof InvalidInput ? { ...answer, fields: error.fields } : answer;
  }
  const ref = randomBytes(2).toString('hex');
  deps.log.error({ err: error, ref, command }, 'a command broke');
  return {
    ok: false,
    code: 'broken',
    ref,
    card: { title: `Something broke (ref ${ref})`, tone: 'bad', text: 'It is in the log under this reference. Nothing else was changed.' },
  };
}

const TITLES: Record<AppError['code'], string> = {
  invalid_input: 'That cannot be used',
  not_found: 'Not found',
  not_allowed: 'Not allowed',
  conflict: 'Too late',
  limit_exceeded: 'A limit is reached',
  upstream: 'A service outside did not answer',
};

const refused = (code: AppError['code'], title: string, text: string): Answer => ({
  ok: false,
  code,
  card: { title, tone: 'bad', text: escapeMarkdown(text, 3000) },
});

/**
 * Text as typed: a first word that is a command runs it; in a goal's thread it belongs to that goal; a question is answered; anything else becomes a draft.
 * @param freeText what the flows do with words that name no command.
 */
export function createHear(
  deps: Deps,
  commands: readonly Command[],
  dispatch: Dispatch,
  freeText: (text: string, caller: Caller) => Promise<Card>,
): Hear {
  return async ({ text, caller }) => {
    try {
      const typed = readTyped(text, commands);
      // "why did you cancel goal 3?" begins like a command and is none.
      const isAsking = typed?.input['_'] !== undefined && isQuestion(text);
      if (typed !== null && !isAsking) return await dispatch({ ...typed, caller });
      // A command nobody has: dispatch refuses strangers before it looks at names.
      if (caller.roles.size === 0) return await dispatch({ name: '', input: {}, caller });
      refuseUnstorable(text);
      return { ok: true, code: null, card: await freeText(text, caller) };
    } catch (error) {
      return answerError(deps, error, 'free text');
    }
  };
}
