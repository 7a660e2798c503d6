// What the HTTP server is handed; app.ts fills it.
import type { Dispatch, Hear } from '../../chat/answer.ts';
import type { Command } from '../../chat/command.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/database.ts';
import type { VisitCounter } from '../../flows/count-visits.ts';
import type { Log } from '../../observability/logger.ts';

export type HealthWord = 'ok' | 'degraded' | 'down';
export type Health = Record<'mode' | 'db' | 'loop' | 'slack' | 'discord' | 'model' | 'stripe' | 'mcp', string> & { status: HealthWord };

export interface HttpParts {
  config: Config;
  db: Database;
  log: Log;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
  health: () => Promise<Health>;
  metricsText: () => Promise<string>;
  /** Verifies and stores a payment event durably; answers the HTTP status. */
  acceptPaymentEvent: (rawBody: Buffer, signature: string | null) => Promise<{ status: 200 | 400 | 413 | 503; message: string }>;
  /** Slack's signed requests; null when Slack is not configured for HTTP. */
  handleSlack: ((request: Request) => Promise<Response>) | null;
  /** Of this process; both of its ports use it. */
  visits: VisitCounter;
  localToken: string;
  /** Subscribes to "messages changed" (LISTEN/NOTIFY drives it elsewhere); returns unsubscribe. */
  onMessages: (listener: () => void) => () => void;
}
