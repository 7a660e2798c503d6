// What is remembered, with its kind and where it came from; what was forgotten, with a way back.
import type { Fact } from '../../domain/memory/memory-store.ts';
import type { Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

const MOST_BUTTONS = 5;

const PAGES: Record<string, string> = { conversation_message: '/said/', goal: '/goals/', task: '/tasks/' };

const KIND: Record<Fact['kind'], string> = { measured: 'measured', told: 'told by', assumed: 'assumed by the agent for' };

const wordsOf = (fact: Fact): string => (fact.kind === 'measured' ? 'measured' : `${KIND[fact.kind]} ${fact.told_by}`);

/** Whole days, hours or minutes since. */
export function ageWords(at: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - at.getTime()) / 60_000));
  const [count, unit] =
    minutes >= 2880 ? [Math.floor(minutes / 1440), 'day'] : minutes >= 120 ? [Math.floor(minutes / 60), 'hour'] : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

const forWhom = (fact: Fact): string =>
  fact.scope === 'goal' ? `goal ${fact.goal_id}` : fact.scope === 'person' ? 'you alone' : 'everybody';

function source(fact: Fact): string {
  const page = PAGES[fact.source_kind];
  return page === undefined
    ? `${fact.source_kind} ${fact.source_id}`
    : `[${fact.source_kind === 'conversation_message' ? 'said' : fact.source_kind} ${fact.source_id}](${page}${fact.source_id})`;
}

function table(facts: readonly Fact[], now: Date): NonNullable<Card['table']> {
  return {
    columns: ['Fact', 'What', 'Kind', 'For', 'Source', 'Age'],
    rows: facts.map((fact) => [
      String(fact.id),
      plainLine(fact.text, 400),
      plainLine(`${wordsOf(fact)}${fact.tainted ? ', from outside' : ''}`, 120),
      forWhom(fact),
      source(fact),
      ageWords(fact.created_at, now),
    ]),
  };
}

const button = (verb: 'Forget' | 'Keep', fact: Fact) => ({
  label: `${verb} ${fact.id}`,
  command: 'ask',
  args: { text: `${verb === 'Forget' ? 'forget' : 'remember'} #${fact.id}` },
  style: 'plain' as const,
});

export function knownCard(about: string, facts: readonly Fact[], now: Date): Card {
  const what = about === '' ? '' : ` about ${plainLine(about, 80)}`;
  if (facts.length === 0) return { title: `I know nothing${what}`, tone: 'muted', text: 'Tell me with: remember that …' };
  return {
    title: `What I know${what}`,
    tone: 'info',
    text: 'Only what was measured is quoted in reports and decisions.',
    table: table(facts, now),
    buttons: facts.slice(0, MOST_BUTTONS).map((fact) => button('Forget', fact)),
  };
}

export function rememberedCard(fact: Fact, now: Date): Card {
  return {
    title: `Remembered as fact ${fact.id}`,
    tone: 'good',
    text: escapeMarkdown(fact.text),
    table: table([fact], now),
    buttons: [button('Forget', fact)],
  };
}

export function forgottenCard(about: string, facts: readonly Fact[], kept: readonly Fact[], now: Date): Card {
  if (facts.length + kept.length === 0)
    return { title: 'Nothing to forget', tone: 'muted', text: `I know nothing about ${escapeMarkdown(about, 300)}.` };
  return {
    title: facts.length === 0 ? 'Nothing was forgotten' : `Forgotten: ${facts.length === 1 ? '1 fact' : `${facts.length} facts`}`,
    tone: facts.length === 0 ? 'muted' : 'good',
    ...(kept.length === 0
      ? {}
      : { text: `${kept.length} more ${kept.length === 1 ? 'was' : 'were'} told by others; an operator can forget them.` }),
    ...(facts.length === 0 ? {} : { table: table(facts, now), buttons: facts.slice(0, MOST_BUTTONS).map((fact) => button('Keep', fact)) }),
  };
}
