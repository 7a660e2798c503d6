// The console's pages: who may look, then path → builder → frame.
import type { Hono } from 'hono';
import type { MenuEntry } from '../http/menu.ts';
import { renderCommandForm, renderMenu } from './command-pages.ts';
import { experimentPages } from './experiment-pages.ts';
import { renderBadge, renderPage } from './layout.ts';
import { buildLedger, sendLedgerCsv } from './ledger-pages.ts';
import { html } from './markup.ts';
import { moneyPages } from './money-pages.ts';
import { offerPages } from './offer-pages.ts';
import { opportunityPages } from './opportunity-pages.ts';
import type { Build } from './page-request.ts';
import { buildApproval, buildApprovals, buildAudit, buildDocument } from './record-pages.ts';
import { buildCustomer, buildCustomers, buildOrder, buildOrders, buildPromises, sendCustomerData } from './sales-pages.ts';
import { readFrame, requireConsole, respond, respondBare, type Session } from './session.ts';
import { buildTalk, buildTalks, findSaid } from './talk-pages.ts';
import { buildFeed, buildGoal, buildGoals, buildTask, findCall, sendCallText } from './work-pages.ts';

const PAGES: Record<string, Build> = {
  '/': buildFeed,
  '/goals': buildGoals,
  '/goals/:id': buildGoal,
  '/tasks/:id': buildTask,
  '/calls/:id': findCall,
  '/calls/:id/:part': sendCallText,
  '/approvals': buildApprovals,
  '/approvals/:id': buildApproval,
  '/orders': buildOrders,
  '/orders/:id': buildOrder,
  '/customers': buildCustomers,
  '/customers/:id': buildCustomer,
  '/customers/:id/:file': sendCustomerData,
  '/promises': buildPromises,
  '/ledger': buildLedger,
  '/ledger.csv': sendLedgerCsv,
  '/documents/:id': buildDocument,
  '/audit': buildAudit,
  '/conversations': buildTalks,
  '/conversations/:id': buildTalk,
  '/said/:id': findSaid,
};

export function addConsoleRoutes(app: Hono, session: Session, menu: readonly MenuEntry[]): void {
  const pages: Record<string, Build> = {
    ...PAGES,
    ...moneyPages(session.parts.config),
    ...opportunityPages(session.parts.config),
    ...experimentPages(session.parts.config),
    ...offerPages(session.parts.config),
    '/commands': async () => ({ title: 'Commands', section: 'commands', live: 'none', body: renderMenu(menu) }),
    '/commands/:name': async (c, frame) => {
      const entry = menu.find(({ name }) => name === c.req.param('name'));
      if (entry === undefined) return null;
      return { title: entry.name, section: 'commands', live: 'none', body: renderCommandForm(entry, frame, c.req.query()) };
    },
    '/menu.json': async (c) => c.json(menu),
    '/badge': async (c, frame) => respond(c, renderBadge(frame.waiting)),
  };
  for (const [path, build] of Object.entries(pages)) {
    app.get(path, async (c) => {
      const visitor = await requireConsole(c, session);
      if (visitor instanceof Response) return visitor;
      const frame = await readFrame(session, visitor);
      const built = await build(c, frame, session.parts.db);
      if (built instanceof Response) return built;
      if (built !== null) return respond(c, renderPage(frame, built));
      return respondBare(c, 404, 'Not here', html`<p>There is nothing at <code>${c.req.path}</code>. <a href="/">Back to the feed</a></p>`);
    });
  }
}
