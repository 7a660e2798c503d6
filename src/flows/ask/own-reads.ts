// Readings that are no command of their own: one goal, the documents, and what this conversation and this person have cost.
import { z } from 'zod';
import { escapeMarkdown, plainLine } from '../../chat/escape.ts';
import type { Reading, ReadTool } from '../../chat/read-tool.ts';
import { goalCard } from '../../chat/views/goal-card.ts';
import { formatUsd } from '../../core/money.ts';
import type { Conversation } from '../../domain/conversations/conversation-store.ts';
import { readTalkCost, type TalkCost } from '../../domain/conversations/cost-store.ts';
import { findDocument, listDocuments } from '../../domain/documents/document-store.ts';
import { readGoalView } from '../../domain/goals/goal-view-store.ts';
import type { Deps } from '../deps.ts';

interface Sketch<Input extends z.ZodObject> {
  name: string;
  description: string;
  input: Input;
  outside: boolean;
  read(input: z.output<Input>): Promise<Reading>;
}

/** A tool whose input is checked before it reads. */
export function defineRead<Input extends z.ZodObject>({ input, read, ...rest }: Sketch<Input>): ReadTool {
  return {
    ...rest,
    parameters: z.toJSONSchema(input, { io: 'input' }) as Record<string, unknown>,
    read: async (raw) => {
      const parsed = input.strict().safeParse(raw);
      return parsed.success ? read(parsed.data as z.output<Input>) : { ok: false, error: z.prettifyError(parsed.error).slice(0, 500) };
    },
  };
}

const number = (what: string) => z.number().int().positive().describe(`number of ${what}`);
const LONGEST_BODY = 8_000;

export function ownReads(deps: Deps, conversation: Conversation): ReadTool[] {
  return [readGoal(deps), readDocuments(deps), readDocument(deps), readCost(deps, conversation)];
}

const readGoal = (deps: Deps): ReadTool =>
  defineRead({
    name: 'goal',
    description: 'one goal: state, success measure, budget, its tasks (reads only)',
    input: z.object({ id: number('a goal') }),
    outside: true,
    read: async ({ id }) => {
      const view = await readGoalView(deps.db, id);
      if (view === null || view.goal.mode !== deps.mode) return { ok: false, error: `There is no goal ${id}.` };
      return { ok: true, card: goalCard(view.goal, view.tasks, view.committedMicros) };
    },
  });

const readDocuments = (deps: Deps): ReadTool =>
  defineRead({
    name: 'documents',
    description: 'the newest documents that were written, of all goals or of one',
    input: z.object({ goal: number('a goal').optional() }),
    outside: true,
    read: async ({ goal }) => {
      const rows = await listDocuments(deps.db, { mode: deps.mode, goalId: goal ?? null, limit: 20 });
      if (rows.length === 0) return { ok: true, card: { title: 'No documents yet', tone: 'muted' } };
      const table = {
        columns: ['Document', 'Goal', 'Written'],
        rows: rows.map((row) => [
          `[${plainLine(row.title, 120)}](/documents/${row.id})`,
          String(row.goal_id),
          row.created_at.toISOString(),
        ]),
      };
      return { ok: true, card: { title: 'Documents', tone: 'info', table } };
    },
  });

const readDocument = (deps: Deps): ReadTool =>
  defineRead({
    name: 'document',
    description: 'the newest text of one document',
    input: z.object({ id: number('a document') }),
    outside: true,
    read: async ({ id }) => {
      const found = await findDocument(deps.db, deps.mode, id);
      if (found === undefined) return { ok: false, error: `There is no document ${id}.` };
      const card = { title: plainLine(found.title), tone: 'info' as const, text: escapeMarkdown(found.body, LONGEST_BODY) };
      return { ok: true, card: { ...card, ref: { kind: 'document', id } } };
    },
  });

const readCost = (deps: Deps, conversation: Conversation): ReadTool =>
  defineRead({
    name: 'conversation_cost',
    description: 'what this conversation, and all conversations of this person, have cost in tokens and live money',
    input: z.object({}),
    outside: false,
    read: async () => {
      const here = await readTalkCost(deps.db, { conversationId: conversation.id });
      const all = await readTalkCost(deps.db, { person: conversation.person });
      return {
        ok: true,
        card: {
          title: 'What talking has cost (live money)',
          tone: 'info',
          fields: [
            { label: 'This conversation', value: costWords(here) },
            { label: `All of ${plainLine(conversation.person, 80)}`, value: costWords(all) },
          ],
          ref: { kind: 'conversation', id: conversation.id },
        },
      };
    },
  });

/** `$0.42 for 3 answers, 1,200 tokens in, 300 out`. The practice model costs nothing. */
export function costWords({ costMicros, answers, inputTokens, outputTokens, assumed }: TalkCost): string {
  const count = (value: number): string => value.toLocaleString('en-US');
  return `${formatUsd(costMicros)} for ${count(answers)} answer${answers === 1 ? '' : 's'}, ${count(inputTokens)} tokens in, ${count(outputTokens)} out${assumed ? ', some at an assumed price' : ''}`;
}
