// What the agent may read when it answers a question: the commands that only look, run through the same dispatch as the person who asked.
import { z } from 'zod';
import type { Dispatch } from './answer.ts';
import type { Card } from './card.ts';
import type { Caller, Command } from './command.ts';

export type Reading = { ok: true; card: Card } | { ok: false; error: string };

export interface ReadTool {
  name: string;
  description: string;
  /** JSON Schema of the input. */
  parameters: Record<string, unknown>;
  /** What it shows may hold words of strangers. */
  outside: boolean;
  read(input: Record<string, unknown>, asker: Caller): Promise<Reading>;
}

type Menu = ReadonlyMap<string, ReadTool>;

/** Every command of the menu that says what of it only reads. Role, schema and errors are dispatch's business. */
export function readToolsOf(commands: readonly Command[], dispatch: Dispatch): Menu {
  const tools = commands.flatMap((command) => (command.reads === undefined ? [] : [toTool(command, command.reads, dispatch)]));
  return new Map(tools.map((tool) => [tool.name, tool]));
}

function toTool(command: Command, reads: NonNullable<Command['reads']>, dispatch: Dispatch): ReadTool {
  const schema = z.toJSONSchema(command.input, { io: 'input' }) as { properties?: Record<string, unknown> };
  const properties = Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => reads.fields.includes(name)));
  return {
    name: command.name,
    description: `${command.summary} (reads only)`,
    parameters: { type: 'object', properties, additionalProperties: false },
    outside: reads.outside,
    read: async (input, asker) => {
      const strange = Object.keys(input).filter((name) => !reads.fields.includes(name));
      if (strange.length > 0) return { ok: false, error: `"${command.name}" reads by ${reads.fields.join(', ') || 'no fields'} only` };
      const { ok, card } = await dispatch({ name: command.name, input, caller: asker });
      return ok ? { ok, card } : { ok, error: card.text ?? card.title };
    },
  };
}

const PAGES: ReadonlyMap<string, string> = new Map([
  ['goals', '/goals'],
  ['approvals', '/approvals'],
  ['status', '/'],
  ['goal', '/goals/'],
  ['task', '/tasks/'],
  ['approval', '/approvals/'],
  ['document', '/documents/'],
  ['opportunities', '/opportunities'],
  ['opportunity', '/opportunities/'],
  ['conversation', '/conversations/'],
]);

/** The console's page that shows the same as a reading, or where it is shown anew. */
export function pageOf(tool: string, card: Card): string | null {
  const { ref } = card;
  const own = ref === undefined ? undefined : PAGES.get(ref.kind);
  if (ref !== undefined && own !== undefined) return `${own}${ref.id}`;
  const linked = /\]\((\/(?![/\\])[\w\-./?=&%#]*)\)/.exec(card.text ?? '')?.[1];
  return linked ?? PAGES.get(tool) ?? null;
}
