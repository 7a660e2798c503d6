// Slack as a whole: Bolt's app with our listeners behind Socket Mode (two lines) or signed HTTP. It starts whether or not Slack is there.
import { setTimeout as sleep } from 'node:timers/promises';
import { App, webApi } from '@slack/bolt';
import type { Dispatch, Hear } from '../../chat/answer.ts';
import type { ChatChannel, PlatformHealth } from '../../chat/channel.ts';
import type { Command } from '../../chat/command.ts';
import type { Deps } from '../../flows/deps.ts';
import type { SlackConfig } from '../../platform-config.ts';
import { hearStop } from './agent-stop.ts';
import { createBoltLog } from './bolt-log.ts';
import { hearClicks } from './hear-clicks.ts';
import { hearCommands } from './hear-commands.ts';
import { hearWords } from './hear-words.ts';
import { showHome } from './home-tab.ts';
import { Identity } from './identity.ts';
import { InFlight } from './in-flight.ts';
import { noticePlaces } from './notice-places.ts';
import { openDoor } from './open-door.ts';
import { createSlackChannel } from './slack-channel.ts';
import type { SlackParts } from './slack-parts.ts';

const DRAIN_MS = 3_000;
const CALL_MS = 10_000;

export interface SlackOptions {
  config: SlackConfig;
  deps: Deps;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
}

export interface RunningSlack {
  channel: ChatChannel;
  health(): PlatformHealth;
  /** HTTP mode only: answers requests to /slack/events. */
  handleHttp?: (request: Request) => Promise<Response>;
  stop(): Promise<void>;
}

export async function startSlack(options: SlackOptions): Promise<RunningSlack> {
  const { config, deps } = options;
  const logger = createBoltLog(deps.log);
  // Every client says how often it tries: Bolt would else try a hundred times, with one shared object.
  const common = {
    ...(config.apiUrl === null ? {} : { slackApiUrl: config.apiUrl }),
    allowAbsoluteUrls: false,
    timeout: CALL_MS,
    logger,
    logLevel: logger.getLevel(),
  };
  const once = { ...common, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
  const patient = { ...common, retryConfig: { retries: 2, minTimeout: 500, maxTimeout: 3_000 } };
  const token = config.botToken.reveal();
  const identity = new Identity(new webApi.WebClient(token, once), deps.random);
  const door = openDoor(config, deps, () => ({ ...once }));
  const app = new App({
    receiver: door.receiver,
    authorize: async () => ({ botToken: token, ...(await identity.known()) }),
    clientOptions: { ...patient },
    logger,
    logLevel: logger.getLevel(),
    convoStore: false,
  });
  const inFlight = new InFlight();
  addListeners(app, inFlight, {
    deps,
    commands: options.commands,
    dispatch: options.dispatch,
    hear: options.hear,
    client: new webApi.WebClient(token, patient),
    botUserId: () => identity.botUserId,
  });
  // Nothing is taken in before we know who we are: without that, our own words would be heard as a stranger's.
  identity.start(() => door.start(app));
  const channel = createSlackChannel({ client: new webApi.WebClient(token, once), publicUrl: deps.config.http.publicUrl, log: deps.log });
  return {
    channel,
    health: () => identity.health() ?? door.health(),
    ...(door.handleHttp === undefined ? {} : { handleHttp: door.handleHttp }),
    stop: async () => {
      identity.stop();
      await door.stop();
      // Two calls at most for each open stream; a Slack that does not answer is not waited for.
      await Promise.all([inFlight.drain(DRAIN_MS), Promise.race([channel.close(), sleep(DRAIN_MS, undefined, { ref: false })])]);
    },
  };
}

function addListeners(app: App, inFlight: InFlight, parts: SlackParts): void {
  app.error(async (error) => parts.deps.log.error({ err: error }, 'a listener of Slack broke'));
  app.use(({ next }) => inFlight.run(next));
  hearWords(app, parts);
  hearCommands(app, parts);
  hearClicks(app, parts);
  hearStop(app, parts);
  showHome(app, parts);
  noticePlaces(app, parts);
  // What we have no use for is acknowledged all the same: Slack would show an error.
  app.shortcut(/./, ({ ack }) => ack());
  app.options(/./, ({ ack }) => ack({ options: [] }));
}
