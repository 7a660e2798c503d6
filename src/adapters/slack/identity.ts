// Who the bot is in Slack, asked until Slack answers; until then nothing is taken in.
import type { webApi } from '@slack/bolt';
import type { PlatformHealth } from '../../chat/channel.ts';
import { describeOutage, describeRefusal } from './slack-trouble.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export class Identity {
  readonly #client: webApi.WebClient;
  readonly #random: () => number;
  #ids: { botUserId: string; botId: string } | null = null;
  #why = 'Slack has not answered yet.';
  #stopped = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(client: webApi.WebClient, random: () => number) {
    this.#client = client;
    this.#random = random;
  }

  get botUserId(): string | null {
    return this.#ids?.botUserId ?? null;
  }

  async known(): Promise<{ botUserId?: string; botId?: string }> {
    return this.#ids ?? {};
  }

  /** @returns null once it is known. */
  health(): PlatformHealth | null {
    return this.#ids === null ? { state: 'down', why: this.#why } : null;
  }

  /** @param onKnown called once. */
  start(onKnown: () => void): void {
    void this.#ask(onKnown, 0);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #ask(onKnown: () => void, failures: number): Promise<void> {
    try {
      const answer = await this.#client.auth.test();
      if (this.#stopped) return;
      this.#ids = { botUserId: answer.user_id ?? '', botId: answer.bot_id ?? '' };
      onKnown();
    } catch (error) {
      this.#why = describeRefusal(error, '') ?? describeOutage(error);
      if (this.#stopped) return;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, failures)) * (0.5 + this.#random() / 2);
      this.#timer = setTimeout(() => void this.#ask(onKnown, failures + 1), pause);
    }
  }
}
