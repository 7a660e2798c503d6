// Free text: what is a question, what it wants to read, which days it means, and what is for memory.
import { describe, expect, test } from 'vitest';
import { readIntent } from '../../src/domain/conversations/intent.ts';
import { readPeriod } from '../../src/domain/conversations/period.ts';
import { isQuestion } from '../../src/domain/conversations/question.ts';
import { readMemoryWords } from '../../src/domain/memory/memory-words.ts';

describe('free text', () => {
  test.each([
    'What are you doing?',
    'what did we earn this week',
    'why did you cancel goal 3',
    'Hey, how is it going?',
    'is anything waiting for me',
    'can you tell me what we earned today?',
    'tell me about goal 2',
    'show me the goals',
    'Explain why goal 1 failed',
    'list all goals',
    'Which offers are running',
    'are you stuck?',
    'So, when will goal 1 be done?',
    'Did the launch of offer 3 pay off?',
    'goal 3?',
    "what's new",
  ])('%s: a question', (text) => expect(isQuestion(text)).toBe(true));

  test.each([
    'Earn $5',
    'Earn the first practice dollar with a budget of $60',
    'Can you earn $50 by Friday?',
    'could you please write a report on the offers?',
    'Would you launch three offers?',
    "Let's make $20 of profit this week",
    'Do something useful on the practice market with a budget of $60',
    'When the market opens, earn $5',
    'Write down what we know about the offers',
    'keep it up',
    'go on please',
    '$20 of profit',
    'I cannot say',
    'why not launch an offer with $20?',
    'I want to make $100',
    '',
    '  ',
  ])('%s: no question', (text) => expect(isQuestion(text)).toBe(false));
});

describe('what a question reads', () => {
  const setting = { today: '2026-11-25', goalId: null };
  test.each([
    ['What are you doing?', 'status', {}],
    ['are you idle', 'status', {}],
    ['How is it going?', 'status', {}],
    ['what did we earn this week?', 'revenue', { from: '2026-11-23', to: '2026-11-25' }],
    ['How much profit did goal 3 make last week?', 'revenue', { goal: 3, from: '2026-11-16', to: '2026-11-22' }],
    ['what did we spend by offer yesterday', 'revenue', { from: '2026-11-24', to: '2026-11-24', by: 'offer' }],
    ['what is our model cost this month?', 'revenue', { from: '2026-11-01', to: '2026-11-25', mode: 'live' }],
    ['what was the revenue of offer 7?', 'revenue', { offer: 'offer_7' }],
    ['why did you cancel goal 3?', 'why', { goal: 3 }],
    ['why was request #17 denied', 'why', { approval: 17 }],
    ['who approved request 4?', 'why', { approval: 4 }],
    ['how is goal 2 doing?', 'goal', { id: 2 }],
    ['what happened to task 12', 'task', { id: 12 }],
    ['what waits for me?', 'approvals', {}],
    ['what is waiting for approval?', 'approvals', {}],
    ['what do you need from me?', 'approvals', {}],
    ['what is left of the budget?', 'budget', {}],
    ['what will the next 14 days bring?', 'forecast', {}],
    ['which documents are there?', 'documents', {}],
    ['what are your goals?', 'goals', {}],
    ['what did this conversation cost?', 'conversation_cost', {}],
  ])('%s → %s', (text, tool, input) => expect(readIntent(text, setting)).toEqual({ tool, input }));

  test('in a goal’s thread it is about that goal', () => {
    const here = { ...setting, goalId: 5 };
    expect(readIntent('how is it going?', here)).toEqual({ tool: 'goal', input: { id: 5 } });
    expect(readIntent('what did it earn?', here)).toEqual({ tool: 'revenue', input: { goal: 5 } });
    expect(readIntent('what did we earn in total?', here)).toEqual({ tool: 'revenue', input: {} });
    expect(readIntent('why is that?', here)).toEqual({ tool: 'why', input: { goal: 5 } });
    expect(readIntent('how is goal 2?', here)).toEqual({ tool: 'goal', input: { id: 2 } });
  });

  test.each(['who won the world cup?', 'what is the capital of France?', 'how do I bake bread?'])('%s: nothing', (text) =>
    expect(readIntent(text, setting)).toBeNull(),
  );
});

test.each([
  ['today', { from: '2026-11-25', to: '2026-11-25' }],
  ['last month', { from: '2026-10-01', to: '2026-10-31' }],
  ['in the last 7 days', { from: '2026-11-19', to: '2026-11-25' }],
  ['in October', { from: '2026-10-01', to: '2026-10-31' }],
  ['in December', { from: '2025-12-01', to: '2025-12-31' }],
  ['in November', { from: '2026-11-01', to: '2026-11-25' }],
  ['since 2026-11-03', { from: '2026-11-03', to: '2026-11-25' }],
  ['on 2026-11-03', { from: '2026-11-03', to: '2026-11-03' }],
  ['between 2026-11-09 and 2026-11-03', { from: '2026-11-03', to: '2026-11-09' }],
  ['this year', { from: '2026-01-01', to: '2026-11-25' }],
  ['ever', {}],
])('"%s" are these days', (text, period) => expect(readPeriod(text, '2026-11-25')).toEqual(period));

describe('words for memory', () => {
  test.each([
    ['remember that Anna pays late', { kind: 'remember', text: 'Anna pays late' }],
    ['Please remember: the market closes on day 40', { kind: 'remember', text: 'the market closes on day 40' }],
    ["don't forget that offer 3 is seasonal", { kind: 'remember', text: 'offer 3 is seasonal' }],
    ['what do you know about Anna?', { kind: 'recall', about: 'Anna' }],
    ['What do we know about the offers', { kind: 'recall', about: 'the offers' }],
    ['what do you remember?', { kind: 'recall', about: '' }],
    ['do you know anything about offer 3?', { kind: 'recall', about: 'offer 3' }],
    ['forget Anna', { kind: 'forget', about: 'Anna' }],
    ['please forget everything about offer 3.', { kind: 'forget', about: 'offer 3' }],
    ['forget #12', { kind: 'forget_fact', id: 12 }],
    ['remember #12', { kind: 'keep_fact', id: 12 }],
  ])('%s', (text, words) => expect(readMemoryWords(text)).toEqual(words));

  test.each(['Earn $5 and remember the fees', 'what did we earn?', 'remember to earn $5', 'forgettable'])('%s: none of memory’s', (text) =>
    expect(readMemoryWords(text)).toBeNull(),
  );
});
