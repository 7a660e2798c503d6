// The tool registry: what is built in, over the adapters that reach outside, plus what a composition root adds.

import type { Database } from '../db/database.ts';
import type { DataReader } from '../db/reader.ts';
import { readFarSide } from '../domain/offers/far-side-store.ts';
import type { Marketplace } from '../domain/offers/marketplace.ts';
import type { PaymentProvider } from '../domain/offers/payment-provider.ts';
import type { OwnPages } from '../domain/pages/own-pages.ts';
import type { Tool } from '../domain/tools/tool.ts';
import type { WebReader } from '../domain/tools/web-reader.ts';
import type { Deps } from '../flows/deps.ts';
import { createCustomerOrders } from '../flows/tools/customer-orders.ts';
import { createExtendExperiment } from '../flows/tools/extend-experiment.ts';
import { createMarketTools } from '../flows/tools/market-tools.ts';
import { createAddChannel } from '../flows/tools/page-channel.ts';
import type { PageNeeds } from '../flows/tools/page-common.ts';
import { createChangePrice } from '../flows/tools/page-price.ts';
import { createPublishPage } from '../flows/tools/page-publish.ts';
import { createRetirePage } from '../flows/tools/page-retire.ts';
import { createPageStatus } from '../flows/tools/page-status.ts';
import { createPaymentLinkTool } from '../flows/tools/payment-link.ts';
import { createRefundTool } from '../flows/tools/payment-refund.ts';
import { createPaymentStatusTool } from '../flows/tools/payment-status.ts';
import { createPersonTask } from '../flows/tools/person-task.ts';
import { createQueryData } from '../flows/tools/query-data.ts';
import { createRunCode } from '../flows/tools/run-code.ts';
import { createStartExperiment } from '../flows/tools/start-experiment.ts';
import { createWebFetch } from '../flows/tools/web-fetch.ts';
import { createWebSearchTool } from '../flows/tools/web-search.ts';
import { createWriteDocument } from '../flows/tools/write-document.ts';
import type { SearchConfig } from '../tool-config.ts';
import { createCodeRunner } from './code/code-runner.ts';
import { createCourtesy } from './http/web-courtesy.ts';
import { createWebReader } from './http/web-reader.ts';
import { createWebSearch } from './http/web-search.ts';
import { createMarketClient } from './practice/market-client.ts';

/** A process that takes the market over from a dead one has it open within this time. */
const MARKET_MOVES_MS = 5_000;
/** Where nothing listens: asked before the market has opened, its client fails as for any service that is down. */
const NOWHERE = 'http://127.0.0.1:9';

export function openMarketplace(db: Database): Marketplace {
  return createMarketClient({
    endpoint: async () => {
      const farSide = await readFarSide(db, null);
      return { url: farSide.url ?? NOWHERE, apiKey: farSide.apiKey };
    },
    patienceMs: MARKET_MOVES_MS,
  });
}

export function openTools(
  db: Database,
  market: Marketplace,
  given: {
    webReader?: WebReader | undefined;
    tools?: ((db: Database) => Tool[]) | undefined;
    payments: PaymentProvider | null;
    on: Pick<Deps, 'clock' | 'config' | 'mode'>;
    pages: OwnPages;
    search: SearchConfig | null;
    reader: DataReader;
  },
): Map<string, Tool> {
  const marketTools = createMarketTools(market, db);
  const spends = toolNamed(marketTools, 'market_launch');
  const tools: Tool[] = [
    ...marketTools,
    createStartExperiment(db, given.on, spends) as Tool,
    createExtendExperiment(db, given.on, spends) as Tool,
    createWriteDocument(db) as Tool,
    createCustomerOrders(db) as Tool,
    createQueryData(given.reader) as Tool,
    createRunCode(db, createCodeRunner()) as Tool,
    createWebFetch(given.webReader ?? createWebReader({ courtesy: createCourtesy({ clock: given.on.clock }) })) as Tool,
    ...(given.search === null ? [] : [createWebSearchTool(createWebSearch(given.search)) as Tool]),
    ...(given.payments === null ? [] : paymentTools(given.payments, db, given.on.config.usdRates)),
    ...(given.payments === null ? [] : pageTools({ db, payments: given.payments, pages: given.pages, config: given.on.config })),
    ...(given.tools?.(db) ?? []),
  ];
  return new Map(tools.map((tool) => [tool.name, tool]));
}

/** What an experiment's permission is for. */
function toolNamed(tools: readonly Tool[], name: string): Tool {
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`there is no tool ${name}`);
  return found;
}

const paymentTools = (payments: PaymentProvider, db: Database, rates: Deps['config']['usdRates']): Tool[] => [
  createPaymentLinkTool(payments) as Tool,
  createRefundTool(payments, { db, rates }) as Tool,
  createPaymentStatusTool(payments, db) as Tool,
];

const pageTools = (needs: PageNeeds): Tool[] => [
  createPublishPage(needs) as Tool,
  createPageStatus(needs) as Tool,
  createChangePrice(needs) as Tool,
  createRetirePage(needs) as Tool,
  createAddChannel(needs) as Tool,
  createPersonTask(needs) as Tool,
];
