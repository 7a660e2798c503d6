// Everything the flows need, in one list; app.ts fills it.
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Database } from '../db/database.ts';
import type { ChatModel } from '../domain/brain/chat-model.ts';
import type { Marketplace } from '../domain/offers/marketplace.ts';
import type { PaymentProvider } from '../domain/offers/payment-provider.ts';
import type { HookSender } from '../domain/orders/hook-sender.ts';
import type { Mode, Tool } from '../domain/tools/tool.ts';
import type { ToolServers } from '../domain/tools/tool-servers.ts';
import type { Log } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface Deps {
  config: Config;
  mode: Mode;
  db: Database;
  clock: Clock;
  /** 0 ≤ x < 1; jitter only, never a decision about money. */
  random: () => number;
  log: Log;
  metrics: Metrics;
  model: ChatModel;
  /** Built in, and those of servers as far as an owner has accepted them: the same map all the time, kept up to date. */
  tools: ReadonlyMap<string, Tool>;
  toolServers: ToolServers;
  /** The practice market; nobody listens there in live mode. */
  market: Marketplace;
  /** Other people's servers that fulfil orders. */
  hooks: HookSender;
  /** Null when no payment provider is configured. */
  payments: PaymentProvider | null;
  /** This process's row; leases carry it. */
  processId: number;
  /** Told whenever something was said or an answer ended, in any process. @returns what ends the listening */
  onMessages: (listener: () => void) => () => void;
}
