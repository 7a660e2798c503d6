// Words that come while a bot starts for the first time, on a database with nothing in it yet, are not lost.
import { afterEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { type SlackDouble, startSlackDouble } from '../support/slack-double.ts';
import { FIRST_DOLLAR, type Story, startStory } from '../support/story.ts';

let slack: SlackDouble | undefined;
let story: Story | undefined;
let database: TestDatabase | undefined;
afterEach(async () => {
  await story?.stop();
  await slack?.stop();
  await database?.drop();
});

test('a goal given in the moment the first socket opens is planned', async () => {
  const double = await startSlackDouble();
  slack = double;
  database = await createTestDatabase();
  const env = {
    SLACK_BOT_TOKEN: double.botToken,
    SLACK_APP_TOKEN: double.appToken,
    SLACK_API_URL: double.apiUrl,
    SLACK_CHANNEL_GOALS: 'C1',
    JUG_APPROVERS: 'slack:T1/UBOSS',
  };
  const starting = startStory({ share: database, env });
  await vi.waitFor(() => expect(double.sockets()).toBeGreaterThan(0), { timeout: 15_000, interval: 1 });
  await double.mention({ channel: 'C1', user: 'UBOSS', text: `goal ${FIRST_DOLLAR}` });
  story = await starting;
  await story.card(/^Approve \d+/);
});
