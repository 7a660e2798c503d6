// The Slack app asks for exactly what the code uses: every event it listens to, every method it calls with its scope, and nothing more.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SLACK_EVENTS, SLACK_SCOPES, slackManifest } from '../../src/adapters/slack/manifest.ts';
import { chatMethods } from '../support/slack-double-chat.ts';
import { conversationMethods } from '../support/slack-double-conversations.ts';
import { surfaceMethods } from '../support/slack-double-surfaces.ts';

const folder = new URL('../../src/adapters/slack/', import.meta.url);
const doctor = new URL('../../src/adapters/doctor/slack-checks.ts', import.meta.url);
const files = [...readdirSync(folder).map((name) => new URL(name, folder)), doctor];
const code = files.map((file) => readFileSync(file, 'utf8')).join('\n');

/** `Scopes` that let Slack send an event (docs.slack.dev, reference of each event). */
const EVENT_SCOPES: Record<string, readonly string[]> = {
  agent_session_stopped: [],
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  channel_archive: ['channels:read'],
  channel_deleted: ['channels:read'],
  channel_left: ['channels:read'],
  channel_unarchive: ['channels:read'],
  group_archive: ['groups:read'],
  group_deleted: ['groups:read'],
  group_left: ['groups:read'],
  group_unarchive: ['groups:read'],
  member_joined_channel: ['channels:read', 'groups:read'],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  'message.im': ['im:history'],
};

/** What a method needs, by the double's own table; `*` stands for each kind of channel the bot hears messages in. */
const METHODS: Record<string, { scope: string | null }> = {
  ...chatMethods,
  ...conversationMethods,
  ...surfaceMethods,
  'apps.connections.open': { scope: null },
};
const KINDS: Record<string, readonly string[]> = {
  '*:history': ['channels:history', 'groups:history', 'im:history'],
  '*:read': ['channels:read', 'groups:read'],
};

const called = new Set([...code.matchAll(/\b(?:parts\.|this\.#)?client\s*\.((?:[a-z]\w*\.)+[a-z]\w*)\(/gi)].map(([, name = '']) => name));

/** `a|b` in brackets, written out. */
function writeOut(pattern: string): string[] {
  const [, before = '', choice, after = ''] = /^([^(]*)\(\?:([^)]*)\)(.*)$/.exec(pattern) ?? [];
  return choice === undefined ? [pattern] : choice.split('|').flatMap((one) => writeOut(`${before}${one}${after}`));
}
const listened = new Set(
  [...code.matchAll(/app\.event\((?:'([^']+)'|\/\^(.+?)\$\/)/g)].flatMap(([, name, pattern]) =>
    name === undefined ? writeOut(pattern ?? '') : [name],
  ),
);

test('the events the app subscribes to are those the code listens to', () => {
  expect(new Set(SLACK_EVENTS.map((event) => event.split('.')[0]))).toEqual(listened);
  expect(Object.keys(EVENT_SCOPES).toSorted()).toEqual([...SLACK_EVENTS].toSorted());
});

test('every method the code calls is one of those whose scope is known', () => {
  expect(called.size).toBeGreaterThan(15);
  expect([...called].filter((name) => METHODS[name] === undefined)).toEqual([]);
});

test('the scopes are those of the events, the methods and the command, and no others', () => {
  const ofMethods = [...called].flatMap((name) => {
    const scope = METHODS[name]?.scope ?? null;
    return scope === null ? [] : (KINDS[scope] ?? [scope]);
  });
  const ofCommand = code.includes('app.command(') ? ['commands'] : [];
  const needed = new Set([...ofMethods, ...ofCommand, ...Object.values(EVENT_SCOPES).flat()]);
  expect(Object.keys(SLACK_SCOPES).toSorted()).toEqual([...needed].toSorted());
});

test('the manifest hands on both lists, and every address in HTTP mode', () => {
  const socket = slackManifest(null, []) as { oauth_config: { scopes: { bot: string[] } }; settings: Record<string, unknown> };
  expect(socket.oauth_config.scopes.bot).toEqual(Object.keys(SLACK_SCOPES));
  expect(socket.settings).toMatchObject({
    event_subscriptions: { bot_events: [...SLACK_EVENTS] },
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  });
  const url = 'https://jug.example/slack/events';
  const http = JSON.stringify(slackManifest(url, []));
  expect(http.split(url)).toHaveLength(4);
  expect(http).toContain('"socket_mode_enabled":false');
});
