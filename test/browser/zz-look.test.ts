import { it } from 'vitest';
import { startHttpBench, LOCAL_TOKEN } from '../support/http-bench.ts';
import { seedGoal, post } from '../support/console-rows.ts';
import { openBrowser, openTab, DESKTOP, PHONE } from '../support/browser.ts';
it('looks', async () => {
  const bench = await startHttpBench();
  const browser = await openBrowser();
  try {
    const link = `${bench.url}/?token=${LOCAL_TOKEN}`;
    const empty = await openTab(browser, link);
    await empty.page.screenshot({ path: '/tmp/shots/empty.png' });
    const g = await seedGoal(bench.db);
    await post(bench.db, { title: 'Plan 1 for goal 1: Earn the first practice dollar', tone: 'info', text: 'Compare the offers, launch the two best, measure for 14 days.\n\n**Success:** at least $1.00 of profit', fields: [{ label: 'Expected cost', value: '$25.00 of $60.00' }, { label: 'Model', value: 'practice-playbook' }], table: { columns: ['Task', 'Kind', 'What', 'After', 'Cost', 'Evidence'], rows: [['look', 'research', 'Compare the offers: money follows demand', '', '$0.00', 'a successful read'], ['launch', 'launch', 'Launch two offers: smallest test that can pay', 'look', '$25.00', 'receipt read back'], ['measure', 'measure', 'Measure 14 market days', 'launch', '$0.00', 'metric points']] }, ref: { kind: 'goal', id: g.goalId } }, { goalId: g.goalId, key: 'plan:1' });
    await post(bench.db, { title: 'Goal 1: Earn the first practice dollar', tone: 'info', text: '**at work**', fields: [{ label: 'Mode', value: 'practice' }, { label: 'Success', value: '$1.00 of profit' }, { label: 'Budget', value: '$60.00, $25.00 committed' }], progress: { done: 1, total: 3 }, table: { columns: ['Task', 'What', 'State'], rows: [['1', 'Compare the offers', 'done'], ['2', 'Launch two offers', 'waits for approval'], ['3', 'Measure 14 market days', 'waits for an earlier task']] }, buttons: [{ label: 'Cancel', command: 'status', args: { }, style: 'danger', confirm: 'Stop everything on goal 1?' }], ref: { kind: 'goal', id: g.goalId } }, { goalId: g.goalId, key: 'goal:1' });
    await post(bench.db, { title: `Approve ${g.approvalId}: Launch 2 offers for $25.00`, tone: 'ask', text: '**Why now:** The comparison is done.\n\n**Expected return:** $31.00 to $44.00\n\n**Exactly this will run:**\n- call 12, market\\_launch: {"offerId":"o\\-3","budget":"12.50"}\n- call 13, market\\_launch: {"offerId":"o\\-7","budget":"12.50"}', fields: [{ label: 'Amount', value: '$25.00' }, { label: 'Payee', value: 'practice market' }, { label: 'Mode', value: 'practice' }, { label: 'Reversible', value: 'no' }, { label: 'Risk', value: 'medium (0.42): kind of act 0.15 (commits money); reach 0.10 (customers see it)' }, { label: 'Decide by', value: new Date(Date.now() + 86400000).toISOString() }], table: { columns: ['Call', 'What', 'Amount', 'State'], rows: [['12', 'Launch "Candle" for $12.50', '$12.50', 'asked'], ['13', 'Launch "Poster" for $12.50', '$12.50', 'asked']] }, buttons: [{ label: 'Approve $25.00', command: 'approve', args: { id: g.approvalId }, style: 'primary' }, { label: 'Deny…', command: 'deny', args: { id: g.approvalId, reason: '' }, style: 'danger' }, { label: 'Approve less…', command: 'approve', args: { id: g.approvalId, amount: '' }, style: 'plain' }], ref: { kind: 'approval', id: g.approvalId } }, { channel: 'approvals', goalId: g.goalId, key: `approval:${g.approvalId}` });
    await post(bench.db, { title: 'Result of goal 1: profit of $11.60', tone: 'good', text: 'Every figure is a sum of [ledger postings](/ledger?goal=1).', fields: [{ label: 'Revenue', value: '$24.10' }, { label: 'Offer spend', value: '-$12.50' }, { label: 'Profit', value: '$11.60' }], chart: { kind: 'line', title: 'Profit by market day', series: [{ name: 'profit', points: [0, -4, -9, -12.5, -8, 1.2, 6, 11.6].map((y, x) => ({ x: `day ${x + 1}`, y })) }] } }, { channel: 'revenue', goalId: g.goalId, key: 'result:1' });
    bench.notify(); await empty.page.waitForSelector('#m-4');
    console.log('live problems', empty.problems);
    for (const [name, path] of Object.entries({ feed: '/', goals: '/goals', goal: `/goals/${g.goalId}`, task: `/tasks/${g.taskId}`, approval: `/approvals/${g.approvalId}`, approvals: '/approvals', ledger: '/ledger', document: `/documents/${g.documentId}`, audit: '/audit', commands: '/commands', command: '/commands/goal' })) {
      for (const [size, viewport] of Object.entries({ desk: DESKTOP, phone: PHONE })) for (const scheme of ['light', 'dark'] as const) {
        if (scheme === 'dark' && !['feed', 'goal'].includes(name)) continue;
        const tab = await openTab(browser, link, { viewport, colorScheme: scheme });
        await tab.page.goto(`${bench.url}${path}`, { waitUntil: 'load' });
        const wide = await tab.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
        if (Number(wide) > 0) console.log('WIDE', name, size, wide);
        await tab.page.screenshot({ path: `/tmp/shots/${name}-${size}-${scheme}.png`, fullPage: true });
        if (tab.problems.length) console.log(name, tab.problems);
        await tab.context.close();
      }
    }
    const tab = await openTab(browser, link);
    await tab.page.keyboard.press('/');
    await tab.page.keyboard.type('ap');
    await tab.page.waitForSelector('#choices li');
    await tab.page.screenshot({ path: '/tmp/shots/complete.png' });
    await tab.page.keyboard.press('Escape'); await tab.page.keyboard.press('Escape');
    await tab.page.click('#m-3 button[data-command=deny]');
    await tab.page.waitForSelector('#ask-dialog[open]');
    await tab.page.screenshot({ path: '/tmp/shots/dialog.png' });
    await tab.page.fill('#ask textarea', 'too dear');
    await tab.page.click('#ask button[type=submit]');
    await tab.page.waitForSelector('#a-m-3 .card');
    await tab.page.waitForSelector('#ask-dialog', { state: 'hidden' }); await tab.page.screenshot({ path: '/tmp/shots/answered.png' });
    console.log(JSON.stringify(bench.heard.map((h) => [h.name, h.input, h.caller.surface])), tab.problems);
  } finally { await browser.close(); await bench.stop(); }
});
