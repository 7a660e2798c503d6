// The console's pages: what they show, that hostile text stays text, and that only our own forms act.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderEntry } from '../../src/adapters/console/card-view.ts';
import { renderMarkdown } from '../../src/adapters/console/markdown.ts';
import type { Card } from '../../src/chat/card.ts';
import { escapeMarkdown } from '../../src/chat/escape.ts';
import { makeVisible } from '../../src/core/visible-text.ts';
import { bookJournal } from '../../src/domain/money/ledger-store.ts';
import { addToken, setMember } from '../../src/domain/people/people-store.ts';
import { post, type SeededGoal, seedGoal } from '../support/console-rows.ts';
import { GOOD, type HttpBench, LOCAL_TOKEN, startHttpBench } from '../support/http-bench.ts';

const HOSTILE =
  '<script>alert(1)</script><img src=x onerror=alert(1)>"\'><svg/onload=alert(1)> @everyone <!channel> \u202Etxt.exe\u2066 zero\u200Bwidth \u001B[31mred {{7*7}} #{7*7} hx-get="/x" javascript:alert(1) 🧑‍💻';

/** No tag, attribute or hidden character of the hostile text survived. */
function expectHarmless(html: string): void {
  expect(html).not.toMatch(/<script>alert|<img|<svg\/|onerror=alert\(1\)>"|<!channel>/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(html).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u0000-\u0008\u001B]/);
  expect(html).not.toMatch(/(href|src|action)="\s*javascript:/i);
  const bare = html.replaceAll(/"[^"]*"/g, '""');
  for (const tag of bare.matchAll(/<[a-z][^>]*>/gi)) expect(tag[0]).not.toMatch(/\son\w+\s*=|\sstyle=|script:/i);
}

describe('makeVisible', () => {
  it.each([
    ['a\u202Eb', 'a⟦U+202E⟧b'],
    ['\u200B\u2060\uFEFF', '⟦U+200B⟧⟦U+2060⟧⟦U+FEFF⟧'],
    ['tab\tline\nend\r\nbare\rcr', 'tab\tline\nend\nbare⟦U+000D⟧cr'],
    ['\u0000\u001B[31m\u009B', '⟦U+0000⟧⟦U+001B⟧[31m⟦U+009B⟧'],
    ['tag \u{E0041} half \uD800', 'tag ⟦U+E0041⟧ half ⟦U+D800⟧'],
    ['family 👨‍👩‍👧 heart ❤️ coder 🧑🏽‍💻', 'family 👨‍👩‍👧 heart ❤️ coder 🧑🏽‍💻'],
    ['a\u200Db 👩\u200D\u200D', 'a⟦U+200D⟧b 👩⟦U+200D⟧⟦U+200D⟧'],
    ['x\uFE0F\u{E0100}', 'x⟦U+FE0F⟧⟦U+E0100⟧'],
    ['Ünïcödé 漢字 العربية', 'Ünïcödé 漢字 العربية'],
  ])('shows %j as %j', (given, shown) => {
    expect(makeVisible(given)).toBe(shown);
  });
});

describe('cards', () => {
  const place = { key: 'm-1', version: 1, csrf: 'token' };

  it('show every part, and hostile text in any of them harmlessly', () => {
    const card: Card = {
      title: HOSTILE,
      tone: 'ask',
      text: `${HOSTILE}\n\n- ${HOSTILE}\n\n\`\`\`\n${HOSTILE}`,
      fields: [{ label: HOSTILE, value: HOSTILE }],
      table: { columns: [HOSTILE], rows: [[HOSTILE]] },
      chart: {
        kind: 'bar',
        title: HOSTILE,
        series: [
          {
            name: HOSTILE,
            points: [
              { x: HOSTILE, y: 3 },
              { x: 'b', y: Number.NaN },
            ],
          },
        ],
      },
      progress: { done: 1, total: 4 },
      buttons: [{ label: HOSTILE, command: HOSTILE, args: { id: 1, note: '', [HOSTILE]: HOSTILE }, style: 'danger', confirm: HOSTILE }],
      ref: { kind: HOSTILE, id: 1 },
    };
    const html = renderEntry(card, place).toString();
    expectHarmless(html);
    expect(html).toContain('⟦U+202E⟧');
    expect(html).toContain('🧑‍💻');
    expect(html).toMatch(/<progress max="4" value="1"/);
  });

  it('survive text of 10 MB and nesting made to be slow', () => {
    const begun = performance.now();
    for (const text of [
      'a'.repeat(10_000_000),
      '**'.repeat(100_000),
      '['.repeat(200_000),
      '_a '.repeat(60_000),
      '> '.repeat(90_000),
      '`'.repeat(150_000),
      '\\'.repeat(150_000),
    ]) {
      const html = renderEntry({ title: text, tone: 'info', text, fields: [{ label: text.slice(0, 100), value: text }] }, place).toString();
      expect(html.length).toBeLessThan(2_500_000);
    }
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(renderMarkdown('a'.repeat(10_000_000)).toString()).toContain('9,800,000 more characters');
  });

  it('link only to our own pages and to https with its host shown', () => {
    const link = (target: string) => renderMarkdown(`[words](${target})`).toString();
    expect(link('/goals/3?x=1')).toBe('<p><a href="/goals/3?x=1">words</a></p>');
    expect(link('https://example.com/a')).toContain('<span class="host">(example.com)</span>');
    for (const bad of [
      'javascript:alert(1)',
      '//evil.example',
      '/\\evil.example',
      'http://example.com',
      'data:text/html,x',
      'https://user:pw@evil.example',
      '/\tx',
      'vbscript:x',
    ])
      expect(link(bad)).not.toContain('<a');
  });

  it('read escaped data back as it was', () => {
    const data = 'a*b*c _d_ [e](/f) `g` <h> #i |j| \\k ~l~';
    const text = renderMarkdown(escapeMarkdown(data))
      .toString()
      .replaceAll(/<\/?p>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"');
    expect(text).toBe(data);
  });

  it('keep empty arguments out of the form and name them to be asked for', () => {
    const html = renderEntry(
      {
        title: 'T',
        tone: 'ask',
        buttons: [{ label: 'Deny…', command: 'deny', args: { id: 17, reason: '' }, style: 'danger' }],
        ref: { kind: 'approval', id: 17 },
      },
      place,
    ).toString();
    expect(html).toContain('name="_ask" value="reason"');
    expect(html).toContain('name="id" value="17"');
    expect(html).toContain('name="_ref" value="approval:17"');
    expect(html).not.toContain('name="reason"');
    expect(html).toContain('data-command="deny"');
  });
});

describe('pages', () => {
  let bench: HttpBench;
  let cookie: string;
  let csrf: string;
  let seeded: SeededGoal;

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${bench.url}${path}`, { redirect: 'manual', headers: { cookie, ...headers } });
  const send = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${bench.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(form),
    });

  beforeAll(async () => {
    bench = await startHttpBench();
    const link = await fetch(`${bench.url}/?token=${LOCAL_TOKEN}&channel=goals`, { redirect: 'manual' });
    cookie = link.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    csrf = /name="_csrf" value="([^"]+)"/.exec(await (await get('/')).text())?.[1] ?? '';
  });
  afterAll(() => bench.stop());
  afterEach(() => {
    bench.heard.length = 0;
    bench.answer(GOOD);
  });

  it('an empty console says what to do first, and what the practice model is not', async () => {
    const html = await (await get('/')).text();
    expect(html).toContain('Earn the first practice dollar with a budget of $60');
    expect(html).toContain('Earn $20 of profit on the practice market with a budget of $100');
    expect(html).toContain('Write a report on the practice market&#39;s offers');
    expect(html).toContain('no language model');
    expect(html).toContain('OPENAI_API_KEY=');
  });

  it('the link signs in once: a strict, HttpOnly cookie and a clean address', async () => {
    const response = await fetch(`${bench.url}/goals?token=${LOCAL_TOKEN}&open=1`, { redirect: 'manual' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/goals?open=1');
    expect(response.headers.getSetCookie()[0]).toMatch(
      new RegExp(`^jug_${bench.http.port}=${LOCAL_TOKEN}; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`),
    );
    expect((await fetch(`${bench.url}/?token=wrong`, { redirect: 'manual' })).status).toBe(401);
    expect((await fetch(`${bench.url}//evil.example/?token=${LOCAL_TOKEN}`, { redirect: 'manual' })).headers.get('location')).toBe(
      '/evil.example/',
    );
  });

  it('without a session every page asks for the token and shows nothing else', async () => {
    for (const path of ['/', '/goals', '/ledger', '/audit', '/approvals/1', '/menu.json', '/commands']) {
      const response = await fetch(`${bench.url}${path}`);
      expect(response.status).toBe(401);
      expect(await response.text()).toContain('Sign in');
    }
    expect((await fetch(`${bench.url}/stream`)).status).toBe(401);
  });

  it('someone without a role is told their id and the line to add', async () => {
    await addToken(bench.db, { platformId: 'console:eve', token: 'eves-token', createdBy: 'test' });
    const as = { cookie: `jug_${bench.http.port}=eves-token` };
    const response = await get('/', as);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('JUG_VIEWERS=console:eve');
    await setMember(bench.db, { platformId: 'console:eve', role: 'viewer', addedBy: 'test' });
    expect((await get('/', as)).status).toBe(200);
  });

  it('every page and every refusal carries the security headers, and nothing inline', async () => {
    for (const path of ['/', '/goals', '/nothing-here', '/api/nothing']) {
      const response = await get(path);
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const html = await response.text();
      expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
    }
  });

  it('assets need no session, are cached by their content and come only from here', async () => {
    for (const name of ['console.css', 'console.js', 'command-box.js', 'htmx.js', 'icon.svg']) {
      const response = await fetch(`${bench.url}/assets/${name}`);
      expect(response.status).toBe(200);
      const etag = response.headers.get('etag') ?? '';
      expect((await fetch(`${bench.url}/assets/${name}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    }
    expect((await fetch(`${bench.url}/assets/..%2f..%2fconsole-routes.ts`)).status).not.toBe(200);
  });

  it('a form acts only with the session token and from our own page', async () => {
    const form = { _csrf: csrf, id: '17' };
    expect((await send('/do/approve', form)).status).toBe(200);
    expect(bench.heard).toMatchObject([
      { name: 'approve', input: { id: '17' }, caller: { platformId: 'console:owner', surface: 'console' } },
    ]);
    bench.heard.length = 0;
    expect((await send('/do/approve', { id: '17' })).status).toBe(403);
    expect((await send('/do/approve', { ...form, _csrf: 'guessed' })).status).toBe(403);
    expect((await send('/do/approve', form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send('/do/approve', form, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await send('/say', { text: 'approve 17' })).status).toBe(403);
    const old = (origin: string) =>
      fetch(`${bench.url}/do/approve`, { method: 'POST', headers: { cookie, origin }, body: new URLSearchParams(form) });
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${bench.http.port + 1}`])
      expect((await old(origin)).status).toBe(403);
    expect(
      (await fetch(`${bench.url}/api/commands/approve`, { method: 'POST', headers: { cookie }, body: '{"input":{"id":17}}' })).status,
    ).toBe(403);
    expect(bench.heard).toEqual([]);
    expect((await old(`http://localhost:${bench.http.port}`)).status).toBe(200);
  });

  it('a form of 10 MB is refused in words, and nobody hears it', async () => {
    const response = await send('/say', { _csrf: csrf, text: 'x'.repeat(10 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('256 KB');
    expect(bench.heard).toEqual([]);
  });

  it('a button that needs a reason gets a form first, then runs with it; a refused value is asked again', async () => {
    const hx = { 'hx-request': 'true', 'hx-target': 'div#a-m-5' };
    const pressed = { _csrf: csrf, _label: 'Deny…', _ask: 'reason', id: '17' };
    const asked = await send('/do/deny', pressed, hx);
    expect(asked.headers.get('hx-retarget')).toBe('#ask');
    const form = await asked.text();
    expect(form).toContain('why not; the agent reads it');
    expect(form).toContain('hx-target="#a-m-5"');
    expect(bench.heard).toEqual([]);
    bench.answer({ ok: false, code: 'invalid_input', card: { title: 'No', tone: 'bad' }, fields: { reason: 'is too short' } });
    const again = await send('/do/deny', { ...pressed, _ready: '1', reason: 'no' }, hx);
    expect(again.headers.get('hx-retarget')).toBe('#ask');
    expect(await again.text()).toContain('is too short');
    bench.answer({ ok: true, code: null, card: { title: 'Denied 17', tone: 'muted' } });
    const done = await send('/do/deny', { ...pressed, _ready: '1', reason: 'too dear' }, hx);
    expect(done.headers.get('hx-retarget')).toBeNull();
    expect(await done.text()).toContain('Denied 17');
    expect(bench.heard.at(-1)).toMatchObject({ name: 'deny', input: { id: '17', reason: 'too dear' } });
  });

  it('an answer that is the pressed card itself takes its place', async () => {
    await post(bench.db, { title: 'Approve 99', tone: 'ask', ref: { kind: 'approval', id: 99 } }, { key: 'approval:99' });
    const row = await bench.db.selectFrom('message').select('id').where('key', '=', 'approval:99').executeTakeFirstOrThrow();
    bench.answer({ ok: true, code: null, card: { title: 'Approved 99', tone: 'good', ref: { kind: 'approval', id: 99 } } });
    const response = await send(
      '/do/approve',
      { _csrf: csrf, _ref: 'approval:99', id: '99' },
      { 'hx-request': 'true', 'hx-target': `div#a-m-${row.id}` },
    );
    expect(response.headers.get('hx-retarget')).toBe(`#m-${row.id}`);
    expect(await response.text()).toMatch(new RegExp(`^<article class="card good" id="m-${row.id}"`));
  });

  it('show a goal with its thread, plan, tasks, money and deliverables, also with hostile text everywhere', async () => {
    seeded = await seedGoal(bench.db, HOSTILE);
    await post(
      bench.db,
      {
        title: `Card ${HOSTILE}`,
        tone: 'ask',
        text: escapeMarkdown(HOSTILE),
        buttons: [{ label: 'Approve', command: 'approve', args: { id: seeded.approvalId }, style: 'primary' }],
        ref: { kind: 'approval', id: seeded.approvalId },
      },
      { channel: 'approvals', goalId: seeded.goalId, key: `approval:${seeded.approvalId}` },
    );
    const paths = [
      '/',
      '/goals',
      `/goals/${seeded.goalId}`,
      `/tasks/${seeded.taskId}`,
      '/approvals',
      `/approvals/${seeded.approvalId}`,
      '/money',
      '/budgets',
      '/opportunities',
      '/opportunities?status=refused',
      '/ledger',
      `/documents/${seeded.documentId}`,
      '/audit',
      '/commands',
      '/commands/deny',
    ];
    for (const path of paths) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 200]);
      expectHarmless(await response.text());
    }
    const html = await (await get(`/goals/${seeded.goalId}`)).text();
    for (const words of [
      'Profit so far',
      '$11.60',
      'Compare the offers on the market',
      'waiting approval',
      'Offers compared',
      'At least $1.00',
    ])
      expect(html).toContain(words);
  });

  it('a task shows every call with arguments, risk, evidence with its hash, and cost', async () => {
    const html = await (await get(`/tasks/${seeded.taskId}`)).text();
    for (const words of [
      'market_launch',
      '&quot;offerId&quot;: &quot;o-3&quot;',
      'kind of act',
      '+0.15',
      'a'.repeat(64),
      'practice-playbook',
      'Compare the offers on the market',
      '$12.50',
    ])
      expect(html).toContain(words);
    const call = await get(`/calls/${seeded.callId}`);
    expect(call.headers.get('location')).toBe(`/tasks/${seeded.taskId}#call-${seeded.callId}`);
    const whole = await get(`/calls/${seeded.callId}/arguments`);
    expect(whole.headers.get('content-type')).toContain('text/plain');
    expect(JSON.parse(await whole.text())).toMatchObject({ offerId: 'o-3', note: HOSTILE });
  });

  it('an approval shows its arguments in full however long, the payee, the hash and the votes', async () => {
    await bench.db
      .insertInto('approval_vote')
      .values({ approval_id: seeded.approvalId, person: 'p', platform_id: 'slack:T1/U1', surface: 'slack' })
      .execute();
    await bench.db
      .updateTable('tool_call')
      .set({ arguments: JSON.stringify({ body: `start ${'x'.repeat(18_000)} end-of-it` }) })
      .where('id', '=', seeded.callId)
      .execute();
    const html = await (await get(`/approvals/${seeded.approvalId}`)).text();
    for (const words of ['end-of-it', 'practice market', 'f'.repeat(64), 'slack:T1/U1', 'Expected return', 'Approve'])
      expect(html).toContain(words);
    await bench.db
      .updateTable('tool_call')
      .set({ arguments: JSON.stringify({ body: `start ${'x'.repeat(60_000)} end-of-it` }) })
      .where('id', '=', seeded.callId)
      .execute();
    const long = await (await get(`/approvals/${seeded.approvalId}`)).text();
    expect(long).toContain('too long for this page');
    expect(await (await get(`/calls/${seeded.callId}/arguments`)).text()).toContain('end-of-it');
  });

  it('the ledger filters, pages by key and says that it balances', async () => {
    const text = async (path: string) => (await get(path)).text();
    expect(await text('/ledger')).toContain('✓ Balanced</span>: 4 postings');
    expect(await text('/ledger?account=revenue')).not.toContain('Offer spend of day 3');
    expect(await text(`/ledger?goal=${seeded.goalId}&mode=practice`)).toContain('Order ord-1');
    expect(await text('/ledger?mode=live')).toContain('Nothing matches');
    const money = await text(`/money?mode=practice&goal=${seeded.goalId}&by=day`);
    expect(money).toContain(`href="/money?mode=practice&amp;goal=${seeded.goalId}&amp;by=customer"`);
    expect(money).toContain(`href="/money?mode=practice&amp;goal=${seeded.goalId}&amp;by=experiment"`);
    expect(money).toMatch(/href="\/ledger\?mode=practice&amp;goal=\d+&amp;account=revenue"/);
    expect(money).toContain('$11.60');
    expect(await text('/budgets')).toContain('market day');
    expect(await text('/ledger?goal=abc&before=%00&account=x%27')).toContain('Order ord-1');
    const drilled = await text(`/ledger?mode=practice&goal=${seeded.goalId}`);
    expect(drilled).toContain(`href="/ledger?mode=practice&amp;account=revenue&amp;goal=${seeded.goalId}"`);
    expect(await text('/ledger?mode=practice&to=2020-01-01')).toContain('Nothing matches');
    expect((await get('/goals/999999')).status).toBe(404);
    expect((await get('/goals/1%27')).status).toBe(404);
  });

  it('the ledger downloads as CSV: the rows of the filter, exact amounts, and no text that a spreadsheet would run', async () => {
    await bookJournal(bench.db, {
      mode: 'practice',
      source: 'csv',
      externalId: '=HYPERLINK("http://x")',
      kind: 'sale',
      memo: 'said "hi", twice',
      occurredAt: new Date('2026-01-02T03:04:05Z'),
      goalId: null,
      taskId: null,
      toolCallId: null,
      launchId: null,
      currency: 'USD',
      postings: [
        { account: 'processor', amountMicros: 125n },
        { account: 'revenue', amountMicros: -125n },
      ],
    });
    const answer = await get('/ledger.csv?mode=practice&from=2026-01-02&to=2026-01-02');
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toContain('ledger-practice-2026-01-02-2026-01-02.csv');
    const lines = (await answer.text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^posting,journal,occurred_at,mode,kind,account,debit,credit,currency/);
    expect(lines[1]).toContain(',2026-01-02T03:04:05.000Z,practice,sale,processor,0.000125,,USD,');
    expect(lines[2]).toContain(`,revenue,,0.000125,USD,`);
    expect(lines[2]).toContain(`"'=HYPERLINK(""http://x"")","said ""hi"", twice"`);
    expect((await (await get('/ledger.csv')).text()).split('\r\n').length).toBeGreaterThan(5);
  });

  it('the audit page filters and says what waits for its seal', async () => {
    const html = await (await get('/audit?action=goal.&kind=goal')).text();
    expect(html).toContain('goal.accepted');
    expect(html).toContain('1 waiting for their seal');
    expect(await (await get('/audit?action=%25')).text()).toContain('Nothing matches');
  });

  it('lists go on with Older, without a gap or a repeat', async () => {
    for (let index = 0; index < 90; index += 1) await post(bench.db, { title: `Row ${index}.`, tone: 'info' }, { channel: 'revenue' });
    const titles: string[] = [];
    for (let path: string | undefined = '/?channel=revenue'; path !== undefined; ) {
      const html: string = await (await get(path)).text();
      titles.push(...[...html.matchAll(/Row (\d+)\./g)].map((match) => match[1] ?? ''));
      path = /<p class="older"><a href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(titles).toEqual(Array.from({ length: 90 }, (_, index) => String(89 - index)));
  });

  it('the console stream brings rendered cards with working forms', async () => {
    const abort = new AbortController();
    const response = await get('/stream?after=0');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('"kind":"approval"') && !text.includes('Row 0.')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    abort.abort();
    const first = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '{}') as { html: string; version: number; change: number };
    expect(first).toMatchObject({ version: 1, change: expect.any(Number) });
    expect(first.html).toMatch(/^<li class="entry"><article class="card ask"/);
  });
});
