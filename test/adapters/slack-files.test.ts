// What does not fit into a Slack message lies beside it as a file, once; the card never fails because of it.
import { webApi } from '@slack/bolt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SLACK_SCOPES } from '../../src/adapters/slack/manifest.ts';
import { createSlackChannel } from '../../src/adapters/slack/slack-channel.ts';
import type { Card } from '../../src/chat/card.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import type { SlackMessage } from '../support/slack-double-model.ts';

let slack: SlackDouble;
let channel: ReturnType<typeof createSlackChannel>;

function openChannel(): ReturnType<typeof createSlackChannel> {
  const options = {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: 'error' as webApi.WebClientOptions['logLevel'] & {},
  };
  return createSlackChannel({ client: new webApi.WebClient(slack.botToken, options), publicUrl: null, log: pino({ level: 'silent' }) });
}

beforeEach(async () => {
  slack = await startSlackDouble({ scopes: Object.keys(SLACK_SCOPES), retryDelaysMs: [] });
  channel = openChannel();
});

afterEach(() => slack.stop());

const spot = { place: 'C1', thread: null };
const mark = 'a.1.0';
const argument = Array.from({ length: 900 }, (_, at) => `argument ${at}: \u202Ehidden`).join('\n');
const request: Card = {
  title: 'Approve 3: send letters',
  tone: 'ask',
  text: `**Exactly this will run:**\n${argument}`,
  buttons: [
    { label: 'Approve', command: 'approve', args: { id: 3 }, style: 'primary' },
    { label: 'Deny…', command: 'deny', args: { id: 3, reason: '' }, style: 'danger' },
  ],
  ref: { kind: 'approval', id: 3 },
};
const read = (ts: string): string => JSON.stringify(slack.find('C1', ts)?.blocks);
const files = (thread: string): SlackMessage[] => slack.posted('C1', thread).filter((message) => message.files.length > 0);
const textOf = (message: SlackMessage | undefined): string => Buffer.from(slack.upload(message?.files[0] ?? '')?.bytes ?? []).toString();

test('arguments too long for a card lie whole in a file under it, and then the card can be said yes to', async () => {
  const ts = await channel.post(spot, { card: request, mark });
  const [file] = files(ts);
  expect(slack.upload(file?.files[0] ?? '')?.filename).toMatch(/^approval-3-[0-9a-f]{16}\.txt$/);
  for (const line of ['argument 0: ⟦U+202E⟧hidden', 'argument 899: ⟦U+202E⟧hidden']) expect(textOf(file)).toContain(line);
  expect(read(ts)).toContain('approve:id=3');
  expect(read(ts)).toContain('in the attached file');
  expect(slack.faults).toEqual([]);
});

test('the file is there before the button', async () => {
  await channel.post(spot, { card: request, mark });
  const names = slack.journal.map(({ method }) => method);
  expect(names).toEqual(['chat.postMessage', 'files.getUploadURLExternal', 'files.completeUploadExternal', 'chat.update']);
  expect(JSON.stringify(slack.journal[0]?.args['blocks'])).not.toContain('approve:id=3');
});

test.each(['files.getUploadURLExternal', 'files.completeUploadExternal'])(
  'when %s fails the card is told without a yes, and the next edit tries again',
  async (method) => {
    slack.failNext(method, { error: 'file_uploads_disabled' });
    const ts = await channel.post(spot, { card: request, mark });
    expect(read(ts)).not.toContain('approve:id=3');
    expect(read(ts)).toContain('deny:id=3');
    expect(read(ts)).toContain('in the console');
    await channel.edit(spot, ts, { card: request, mark });
    expect(read(ts)).toContain('approve:id=3');
    expect(files(ts)).toHaveLength(1);
  },
);

test.each(['the same process', 'another process'])(
  'when the edit after an upload fails, %s does not attach the file again',
  async (who) => {
    slack.failNext('chat.update', { error: 'internal_error' });
    await expect(channel.post(spot, { card: request, mark })).rejects.toMatchObject({ problem: 'later' });
    if (who === 'another process') channel = openChannel();
    const ts = (await channel.find(spot, { card: request, mark }, new Date(Date.now() - 1_000))) ?? '';
    await channel.edit(spot, ts, { card: request, mark });
    expect(read(ts)).toContain('approve:id=3');
    expect(files(ts)).toHaveLength(1);
    expect(slack.calls('files.completeUploadExternal')).toHaveLength(1);
  },
);

test('the same words are attached once; others are attached anew', async () => {
  const { ts: thread } = await slack.mention({ channel: 'C1', user: 'U1', text: 'x' });
  const there = { place: 'C1', thread };
  const ts = await channel.post(there, { card: request, mark });
  await channel.edit(there, ts, { card: { ...request, tone: 'good' }, mark });
  expect(files(thread)).toHaveLength(1);
  await channel.edit(there, ts, { card: { ...request, text: `${request.text}\nand more` }, mark });
  expect(files(thread)).toHaveLength(2);
  expect(textOf(files(thread)[1])).toContain('and more');
});

const chart = (points: number, series = 1): Card => ({
  title: 'Revenue',
  tone: 'info',
  chart: {
    kind: 'bar',
    title: 'Revenue by day',
    series: Array.from({ length: series }, (_, at) => ({
      name: `offer ${at}`,
      points: Array.from({ length: points }, (_, day) => ({ x: `day ${day}`, y: day })),
    })),
  },
});

test.each([
  ['thirty days', chart(30)],
  ['eight series', chart(5, 8)],
])('a chart of %s lies as a picture with words for it beside the native one', async (_, card) => {
  const ts = await channel.post(spot, { card, mark });
  const [picture] = files(ts);
  expect(
    Buffer.from(slack.upload(picture?.files[0] ?? '')?.bytes ?? [])
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
  expect(slack.calls('files.getUploadURLExternal')[0]?.args['alt_text']).toMatch(/^Bar chart: Revenue by day/);
  expect(read(ts)).toContain('data_visualization');
  expect(slack.faults).toEqual([]);
});

test('what fits needs no file', async () => {
  await channel.post(spot, { card: chart(20, 6), mark });
  await channel.post(spot, { card: { ...request, text: 'short' }, mark: 'a.2.0' });
  expect(slack.calls('files.getUploadURLExternal')).toEqual([]);
});

test('rows that do not fit are in the file', async () => {
  const rows = Array.from({ length: 130 }, (_, at) => [`row ${at}`, 'x']);
  const ts = await channel.post(spot, { card: { title: 'T', tone: 'info', table: { columns: ['A', 'B'], rows } }, mark });
  expect(textOf(files(ts)[0])).toContain('row 129 | x');
  expect(read(ts)).toContain('31 more rows are in the attached file');
});
