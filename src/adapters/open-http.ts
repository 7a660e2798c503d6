// Opens the ports: the console's with the API, or as a worker one of its own, and the public one where it is configured.
import type pg from 'pg';
import type { Signals } from '../autonomy/signals.ts';
import type { Dispatch, Hear } from '../chat/answer.ts';
import type { Command } from '../chat/command.ts';
import { splitSecret } from '../core/secret.ts';
import { listPeers } from '../db/process-store.ts';
import type { FarSide } from '../domain/offers/far-side-store.ts';
import { createVisitCounter, type VisitCounter } from '../flows/count-visits.ts';
import type { Deps } from '../flows/deps.ts';
import { measureBooks } from '../flows/measure-books.ts';
import { readMetrics } from '../flows/read-metrics.ts';
import { acceptPayment } from '../flows/record-payment.ts';
import { readHealth } from './http/health.ts';
import { type ListeningHttp, listenOrJoin } from './http/listen-or-join.ts';
import { startOrLeavePublicHttp, startPublicHttp } from './http/public-server.ts';
import { startHttp } from './http/server.ts';
import type { SignedParts } from './http/signed-routes.ts';
import { watchPort } from './http/watched-port.ts';
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
  const provider = config.stripe === null || payments === null ? null : { secrets: splitSecret(config.stripe.webhookSecret), payments };
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
  const parts = {
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
  };
  const http = await listenOrJoin(parts);
  closers.push(() => http.stop());
  if (http.joined !== null) closers.push(takeOver(deps, http.joined, () => startHttp(parts)));
  return { ...http, publicPort: await openPublic(deps, { ...signed, visits }, http.joined !== null, closers) };
}

/** One process of ours has the public port; when it ends, another one takes it. @returns null where it is not this one. */
async function openPublic(
  deps: Deps,
  signed: SignedParts & { visits: VisitCounter },
  hasJoined: boolean,
  closers: (() => Promise<void>)[],
): Promise<number | null> {
  const { host, publicPort: port } = deps.config.http;
  if (port === null || (hasJoined && port === 0)) return null;
  const parts = { ...signed, host, port, db: deps.db, config: deps.config, log: deps.log };
  const hasPeers = async () => (await listPeers(deps.db, deps.processId)).some(({ dead }) => !dead);
  const open = hasJoined ? null : await startOrLeavePublicHttp(parts, hasPeers);
  if (open === null) {
    deps.log.info({ port }, 'JUG_PUBLIC_PORT is held by another process of this bot; this one takes it when that ends');
    closers.push(takeOver(deps, port, () => startPublicHttp(parts)));
    return null;
  }
  closers.push(() => open.stop());
  return open.port;
}

/** @returns the way to end it. */
function takeOver({ config, log }: Deps, port: number, open: () => Promise<{ stop(): Promise<void> }>): () => Promise<void> {
  const watched = watchPort({
    at: { host: config.http.host, port },
    open,
    onTaken: () => log.warn({ port }, 'the process that had this port has ended; this one has taken it over'),
    onTrouble: (error) => log.warn({ err: error, port }, 'a port could not be taken over; trying again'),
  });
  return () => watched.stop();
}
