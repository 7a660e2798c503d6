// One row type a table; the columns' names are the database's.
import type { ApprovalTables } from './tables/approval-tables.ts';
import type { AuditTables } from './tables/audit-tables.ts';
import type { BudgetTables } from './tables/budget-tables.ts';
import type { ChatTables } from './tables/chat-tables.ts';
import type { DecisionTables } from './tables/decision-tables.ts';
import type { ExperimentTables } from './tables/experiment-tables.ts';
import type { MoneyTables } from './tables/money-tables.ts';
import type { OfferTables } from './tables/offer-tables.ts';
import type { OpportunityTables } from './tables/opportunity-tables.ts';
import type { OrderTables } from './tables/order-tables.ts';
import type { PageTables } from './tables/page-tables.ts';
import type { PaymentTables } from './tables/payment-tables.ts';
import type { ProcessTables } from './tables/process-tables.ts';
import type { TalkTables } from './tables/talk-tables.ts';
import type { ToolTables } from './tables/tool-tables.ts';
import type { WorkTables } from './tables/work-tables.ts';

export interface Tables
  extends ProcessTables,
    WorkTables,
    ApprovalTables,
    MoneyTables,
    BudgetTables,
    PaymentTables,
    PageTables,
    OfferTables,
    OpportunityTables,
    OrderTables,
    ExperimentTables,
    ChatTables,
    AuditTables,
    TalkTables,
    DecisionTables,
    ToolTables {}
