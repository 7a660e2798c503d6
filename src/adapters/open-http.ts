// Opens the ports: the console's with the API, or as a worker one of its own, and the public one where it is configured.
import type pg from 'pg';
import type { Signals } from '../autonomy/signals.ts';
import type { Dispatch, Hear } from '../chat/answer.ts';
import type { Command } from '../chat/command.ts';
import { listPeers } from '../db/process-store.ts';
import type { FarSide } from '../domain/offers/far-side-store.ts';
import { createVisitCounter, type VisitCounter } from '../flows/count-visits.ts';
import type { Deps } from '../flows/deps.ts';
import { measureBooks } from '../flows/measure-books.ts';
import { readMetrics } from '../flows/read-metrics.ts';
import { acceptPayment } from '../flows/record-payment.ts';
import { readHealth } from './http/health.ts';
import { type ListeningHttp, listenOrJoin } from './http/listen-or-join.ts';
import { type PublicHttp, startPublicHttp } from './http/public-server.ts';
import type { SignedParts } from './http/signed-routes.ts';
import type { Platforms } from './open-platforms.ts';
import { paymentSecrets, verifyPayment } from './payment-webhook.ts';

interface HttpNeeds {
  deps: Deps;
  pool: pg.Pool;
  signals: Signals;
  localToken: string;
  farSide: FarSide | null;
  commands: readonly Command[];
  dispatch: Dispatch;
  hear: Hear;
  platforms: Platforms;
}

export async function openHttp(needs: HttpNeeds, closers: (() => Promise<void>)[]): Promise<ListeningHttp & { publicPort: number | null }> {
  const { deps, pool, signals, localToken, farSide, commands, dispatch, hear, platforms } = needs;
  const { config, payments } = deps;
  const provider = config.stripe === null || payments === null ? null : { secret: config.stripe.webhookSecret.reveal(), payments };
  const secrets = paymentSecrets(deps.mode, farSide?.webhookSecret ?? null, provider);
  const signed: SignedParts = {
    handleSlack: platforms.handleSlack,
    acceptPaymentEvent: (rawBody, signature) =>
      verifyPayment({
        rawBody,
        signature,
        secrets,
        now: deps.clock.now(),
        accept: (event) => acceptPayment(deps, event),
        onRefused: (event, why) => deps.log.warn({ ...event, why }, 'refused a signed payment event'),
      }),
  };
  const updateBooks = measureBooks(deps, deps.metrics.books);
  const visits = createVisitCounter(deps);
  const http = await listenOrJoin({
    visits,
    config: deps.config,
    db: deps.db,
    log: deps.log,
    commands,
    dispatch,
    hear,
    ...signed,
    localToken,
    health: () => readHealth(deps, pool, signals.loop, platforms),
    metricsText: () => readMetrics(deps, updateBooks),
    onMessages: signals.onMessages,
  });
  closers.push(() => http.stop());
  const open = await openPublic(deps, { ...signed, visits }, http.joined);
  if (open !== null) closers.push(() => open.stop());
  return { ...http, publicPort: open?.port ?? null };
}

/** One process of ours has the public port. */
async function openPublic(deps: Deps, signed: SignedParts & { visits: VisitCounter }, joined: number | null): Promise<PublicHttp | null> {
  const { host, publicPort: port } = deps.config.http;
  if (port === null || joined !== null) return null;
  const hasPeers = async () => (await listPeers(deps.db, deps.processId)).some(({ dead }) => !dead);
  const open = await startPublicHttp({ ...signed, host, port, db: deps.db, config: deps.config, log: deps.log, hasPeers });
  if (open === null) deps.log.warn({ port }, 'JUG_PUBLIC_PORT is held already, by another process of this bot as it seems');
  return open;
}
