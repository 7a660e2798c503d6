// Free text becomes a draft: what was understood, and nothing runs before Start.
import { formatUsd } from '../../core/money.ts';
import type { Goal } from '../../domain/goals/goal-store.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown } from '../escape.ts';
import { measureWords } from './goal-card.ts';

/** Goals the practice playbooks can reach; shown wherever a person needs a first step. */
export const EXAMPLE_GOALS = [
  'Earn the first practice dollar with a budget of $60',
  'Earn $20 of profit on the practice market with a budget of $100',
  "Write a report on the practice market's offers",
] as const;

export const REAL_MODEL_LINE =
  'OPENAI_API_KEY=… in .env adds a real model; JUG_MODELS chooses which, with its prices (README, "Connect a real model").';

export function exampleButtons(): NonNullable<Card['buttons']> {
  return EXAMPLE_GOALS.map((text) => ({ label: text, command: 'goal', args: { text }, style: 'plain' as const }));
}

export function draftCard(goal: Goal): Card {
  return {
    title: `Draft goal ${goal.id}`,
    tone: 'ask',
    text: `${escapeMarkdown(goal.request, 2000)}\n\nNothing runs before Start.`,
    fields: [
      { label: 'Success', value: measureWords(goal) },
      { label: 'Budget', value: goal.budget_micros === 0n ? '$0: it plans, reads and asks for one' : formatUsd(goal.budget_micros) },
      { label: 'Deadline', value: goal.deadline === null ? 'none' : goal.deadline.toISOString().slice(0, 10) },
    ],
    buttons: [
      { label: 'Start', command: 'goal', args: { draft: goal.id }, style: 'primary' },
      { label: 'Edit…', command: 'goal', args: { draft: goal.id, text: '' }, style: 'plain' },
      { label: 'Set a budget…', command: 'goal', args: { draft: goal.id, budget: '' }, style: 'plain' },
      { label: 'Just a question', command: 'ask', args: { draft: goal.id }, style: 'plain' },
    ],
    ref: { kind: 'goal', id: goal.id },
  };
}

/** For a goal no playbook reaches: what can be done, three examples to click, the line that adds a real model. */
export function cannotCard(goal: Goal, reply: string, practice: boolean): Card {
  return {
    title: `Goal ${goal.id}: I can't do this one`,
    tone: 'muted',
    text: [
      escapeMarkdown(reply, 1500),
      practice ? `The practice model follows playbooks and is no language model. ${escapeMarkdown(REAL_MODEL_LINE, 400)}` : '',
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    ...(practice ? { buttons: exampleButtons() } : {}),
    ref: { kind: 'goal', id: goal.id },
  };
}
