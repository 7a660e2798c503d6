// The way Slack reaches us: two Socket Mode lines, or HTTP, behind one small interface.
import { type App, type Receiver, SocketModeReceiver, type webApi } from '@slack/bolt';
import type { PlatformHealth } from '../../chat/channel.ts';
import { hurryDeliveries } from '../../chat/place-store.ts';
import type { Secret } from '../../core/secret.ts';
import type { Deps } from '../../flows/deps.ts';
import type { SlackConfig } from '../../platform-config.ts';
import { createBoltLog } from './bolt-log.ts';
import { HttpDoor } from './http-door.ts';
import { describeOutage, describeRefusal } from './slack-trouble.ts';
import { SocketLine } from './socket-line.ts';

/** While one line is opened again, the other hears. */
const LINES = 2;

export interface Door {
  /** What Bolt's app is made with. */
  receiver: Receiver;
  start(app: App): void;
  health(): PlatformHealth;
  handleHttp?: (request: Request) => Promise<Response>;
  stop(): Promise<void>;
}

/** @param clientOptions a new object each time: Bolt writes into it. */
export function openDoor(config: SlackConfig, deps: Deps, clientOptions: () => webApi.WebClientOptions): Door {
  return config.door.kind === 'http'
    ? openHttpDoor(deps, config.door.signingSecret)
    : openSocketDoor(deps, config.door.appToken.reveal(), clientOptions);
}

function openHttpDoor(deps: Deps, secret: Secret): Door {
  const receiver = new HttpDoor(deps, secret);
  return {
    receiver,
    start: () => receiver.open(),
    health: () => ({ state: 'ok', why: null }),
    handleHttp: (request) => receiver.handle(request),
    stop: () => receiver.stop(),
  };
}

function openSocketDoor(deps: Deps, appToken: string, clientOptions: () => webApi.WebClientOptions): Door {
  const lines: SocketLine[] = [];
  let why = 'Slack has not opened a socket yet.';
  const open = (): SocketModeReceiver =>
    new SocketModeReceiver({
      appToken,
      autoReconnectEnabled: false,
      logger: createBoltLog(deps.log),
      installerOptions: { clientOptions: clientOptions() },
    });
  const onTrouble = (error: unknown): void => {
    const refusal = describeRefusal(error, '')?.replaceAll('SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN').replace('bot token', 'app token');
    why = refusal ?? describeOutage(error);
  };
  // What waited for Slack to come back comes now.
  const onUp = (): void => {
    hurryDeliveries(deps.db, 'slack').catch((error: unknown) => deps.log.warn({ err: error }, 'could not hurry what waits for Slack'));
  };
  return {
    receiver: NO_RECEIVER,
    start: (app) => {
      for (let at = 0; at < LINES; at += 1) {
        const line = new SocketLine({ app, open, random: deps.random, onTrouble, onUp });
        lines.push(line);
        line.start();
      }
    },
    health: () => tellHealth(lines.filter((line) => line.isUp).length, why),
    stop: async () => {
      await Promise.all(lines.map((line) => line.stop()));
    },
  };
}

/** Bolt's app wants one receiver; our lines hand their events to it by themselves, from a new receiver for each connection. */
const NO_RECEIVER: Receiver = { init: () => undefined, start: async () => undefined, stop: async () => undefined };

function tellHealth(up: number, why: string): PlatformHealth {
  if (up === LINES) return { state: 'ok', why: null };
  if (up > 0) return { state: 'degraded', why: `One of two sockets to Slack is down: ${why}` };
  return { state: 'down', why };
}
