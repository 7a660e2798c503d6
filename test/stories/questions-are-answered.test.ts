// A person asks, without any real model: answers come from rows with links to them, each surface in its way; what is told is remembered with its source.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLE_QUESTIONS } from '../../src/chat/views/answer-card.ts';
import { launchFirstGoal, type Story, startStory } from '../support/story.ts';
import { addPerson, saysNo } from '../support/witnesses.ts';

let story: Story;
let viewer = '';
beforeAll(async () => {
  story = await startStory({ seed: 1 });
  viewer = await addPerson(story, 'console:vera', 'viewer');
});
afterAll(() => story.stop());

/** What the API answers to words, as text. */
async function asked(text: string, options: { goalId?: number; token?: string } = {}): Promise<string> {
  const { ok, card } = await story.type(text, options);
  expect({ text, ok }).toEqual({ text, ok: true });
  return `${card.title}\n${card.text ?? ''}\n${JSON.stringify(card.table?.rows ?? [])}`.replaceAll('\\', '');
}

test('state questions are answered truthfully, with the ledger’s own figures and links to the rows', { timeout: 60_000 }, async () => {
  expect(await asked('What are you doing?')).toMatch(/Idle, because there is no open goal[\s\S]*Sources: \[status\]\(\/\)/);
  await launchFirstGoal(story);
  expect(await asked('what waits for approval?')).toContain('Nothing waits for approval');
  await story.endDays(3);
  const [books] = await story.rows<{ revenue: string; spend: string }>(
    `select to_char(-sum(p.amount_micros) filter (where p.account = 'revenue') / 1e6, 'FM$999990.00') as revenue,
       to_char(sum(p.amount_micros) filter (where p.account = 'offer_spend') / 1e6, 'FM$999990.00') as spend
     from posting p join journal j on j.id = p.journal_id where j.mode = 'practice'`,
  );
  for (const question of ['What did we earn this week?', 'how much revenue did goal 1 make?', 'revenue of the last 7 days?']) {
    const answer = await asked(question);
    expect(answer).toContain(`Revenue: ${books?.revenue}`);
    expect(answer).toContain(`Offer spend: -${books?.spend}`);
    expect(answer).toMatch(/Sources: \[revenue.*\]\(\/ledger\?/);
  }
  // "why" is a command too; what does not fit it is a question all the same.
  expect(await asked('why did you launch the offers of goal 1?')).toMatch(/plan.proposed[\s\S]*\[why \(goal 1\)\]\(\/goals\/1\)/);
  expect(await asked('how is it going?', { goalId: 1 })).toMatch(
    /Goal 1: Earn the first practice dollar[\s\S]*\[goal \(id 1\)\]\(\/goals\/1\)/,
  );
  expect(await asked('which documents are there?')).toMatch(/\[[^\]]+\]\(\/documents\/1\)/);
  expect(await asked('What did this conversation cost?')).toMatch(/This conversation: \$0.00 for \d+ answers, [\d,]+ tokens in/);
  expect(await asked('tell me about goal 99')).toContain('There is no goal 99');
  expect(await story.rows(`select count(*)::int as n from goal`)).toEqual([{ n: 1 }]);
});

test('what it cannot know it does not make up: what it can, three examples to click, and the line that adds a model', async () => {
  const { card } = await story.type('Who won the world cup?');
  expect(card.text).toContain('no language model');
  expect(card.text).toContain('JUG');
  expect(card.buttons?.map(({ label }) => label)).toEqual([...EXAMPLE_QUESTIONS]);
  for (const button of card.buttons ?? []) expect((await story.say(button.command, button.args)).card.text).toContain('Sources: [');
});

test('a viewer may ask and gives no goals; a draft that was a question is asked; an answer belongs to whoever asked', async () => {
  expect(await asked('what are you doing?', { token: viewer })).toContain('Sources: [status]');
  expect(saysNo(await story.type('Earn $5', { token: viewer }))).toMatch(/^403 not_allowed: .*role operator/);
  const { card: draft } = await story.type('the state of all goals');
  const [, , , question] = draft.buttons ?? [];
  expect(question?.label).toBe('Just a question');
  expect((await story.say('ask', question?.args)).card.text).toContain('Earn the first practice dollar');
  const { card } = await story.say('ask', { text: 'what are you doing?' });
  expect(saysNo(await story.say('ask', { answer: card.ref?.id }, viewer))).toMatch(/^403/);
  expect(saysNo(await story.say('ask', { stop: card.ref?.id }))).toMatch(/^409 .*ended already: done/);
  expect((await story.say('ask', { again: card.ref?.id })).card.title).toBe('what are you doing?');
  expect((await story.say('ask', {})).status).toBe(400);
});

test('told facts are remembered with their source, recalled by words, forgotten and brought back; a viewer’s are their own', async () => {
  expect(await asked('Remember that Anna pays her invoices late')).toContain('told by console:owner');
  await asked('remember that the harbour market opens in spring', { goalId: 1 });
  await asked('remember that Anna is my aunt', { token: viewer });
  const known = await asked('what do you know about Anna?');
  expect(known).toContain('pays her invoices late');
  expect(known).not.toContain('aunt');
  expect(known).toMatch(/\[said \d+\]\(\/said\/\d+\)/);
  expect(await asked('what do you know about paying invoices?', { token: viewer })).toContain('Anna pays her invoices late');
  expect(await asked('what do you know about the harbour?')).toContain('goal 1');
  expect(await asked('forget Anna', { token: viewer })).toMatch(/Forgotten: 1 fact\n1 more was told by others/);
  expect(await asked('forget Anna')).toContain('Forgotten: 1 fact');
  expect(await asked('what do you know about Anna?')).toContain('I know nothing');
  expect(await asked('remember #1')).toContain('Remembered as fact 1');
  for (const odd of [`'&|!()<->:*`, '\\ " % _', 'the of and', "it's a 'b' & 'c'"])
    expect(await asked(`what do you know about ${odd}?`)).toContain('now');
  expect(saysNo(await story.type('forget #1', { token: viewer }))).toMatch(/^403/);
  expect(await story.rows(`select kind, scope, tainted, source_kind from memory_fact order by id`)).toEqual([
    { kind: 'told', scope: 'team', tainted: false, source_kind: 'conversation_message' },
    { kind: 'told', scope: 'goal', tainted: false, source_kind: 'conversation_message' },
    { kind: 'told', scope: 'person', tainted: false, source_kind: 'conversation_message' },
  ]);
  expect(await story.rows(`select action, count(*)::int as n from audit where action like 'memory%' group by 1 order by 1`)).toEqual([
    { action: 'memory.forgotten', n: 2 },
    { action: 'memory.kept', n: 1 },
    { action: 'memory.told', n: 3 },
  ]);
});

test('in the console the answer is a card of its own; its pages show what was said, to whom it belongs', async () => {
  const open = (token: string) => fetch(`http://127.0.0.1:${story.app.port}/?token=${token}`, { redirect: 'manual' });
  const cookieOf = async (token: string) => (await open(token)).headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const owner = { cookie: await cookieOf(new URL(story.app.consoleUrl).searchParams.get('token') ?? '') };
  const page = async (path: string, headers = owner) => (await fetch(`http://127.0.0.1:${story.app.port}${path}`, { headers })).text();
  const csrf = /name="_csrf" value="([^"]+)"/.exec(await page('/'))?.[1] ?? '';
  const body = new URLSearchParams({ _csrf: csrf, text: 'Is anything <script>waiting for approval</script>?' });
  const said = await fetch(`http://127.0.0.1:${story.app.port}/say`, {
    method: 'POST',
    headers: { ...owner, 'sec-fetch-site': 'same-origin' },
    body,
  });
  expect(await said.text()).toContain('Asked');
  const card = await story.card(/^Is anything/, (one) => one.tone === 'info');
  expect(card).toMatchObject({ ref: { kind: 'answer' }, text: expect.stringContaining('Nothing waits for approval') });
  expect(await page('/conversations')).toMatch(/console:vera[\s\S]*By person/);
  const [talk] = await story.rows<{ id: string; message: string }>(
    `select c.id, m.id as message from conversation c join conversation_message m on m.conversation_id = c.id where m.text like 'Is anything%'`,
  );
  const shown = await page(`/said/${talk?.message}`);
  expect(shown).toContain('Is anything &lt;script&gt;');
  expect(shown).toContain('practice-playbooks');
  const vera = { cookie: await cookieOf(viewer) };
  expect(await page(`/conversations/${talk?.id}`, vera)).toContain('Not here');
  expect(await page('/conversations', vera)).not.toContain('console:owner ·');
});
