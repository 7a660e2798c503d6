// Opens the practice market for this bot: same secrets on both sides, webhooks to our own port, its address kept for every process.
import type pg from 'pg';
import type { Config } from '../../config.ts';
import { hashSeed } from '../../core/random.ts';
import { registerSecret } from '../../core/redact.ts';
import { type FarSide, saveFarSide } from '../../domain/offers/far-side-store.ts';
import type { Deps } from '../../flows/deps.ts';
import { type PracticeMarket, startPracticeMarket } from './market.ts';

/** Salt of the market's seed, chosen so that the market of the default seed has orders to show; other seeds are as kind as chance. */
export const DEMO_MARKET = ['practice market', 132] as const;

export async function openMarket(
  config: Config,
  connection: pg.PoolConfig,
  farSide: FarSide,
  port: number,
  deps: Deps,
): Promise<PracticeMarket> {
  registerSecret(farSide.apiKey);
  registerSecret(farSide.webhookSecret);
  return startPracticeMarket({
    connection,
    seed: hashSeed(...DEMO_MARKET, config.practice.seed),
    daySeconds: config.practice.daySeconds,
    webhookUrl: `http://127.0.0.1:${port}/webhooks/stripe`,
    webhookSecret: farSide.webhookSecret,
    apiKey: farSide.apiKey,
    log: deps.log,
    onRunning: (url) => saveFarSide(deps.db, url),
  });
}
