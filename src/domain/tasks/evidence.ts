// What proves a task done, by kind. Evidence is rows from tools; a model's text never counts. A kind without a rule can't be planned.
import type { TaskKind } from '../brain/plan.ts';
import type { Tool } from '../tools/tool.ts';

/** What can be planned, and what code alone makes. */
export type WorkKind = TaskKind | 'experiment';

export interface EvidenceRow {
  kind: string;
  tool_call_id: number;
  source: string;
}

type Proof = { proven: true } | { proven: false; missing: string };

/** Judges the evidence rows of one task. */
export function judgeEvidence(kind: WorkKind, rows: readonly EvidenceRow[]): Proof {
  const has = (wanted: string) => rows.some((row) => row.kind === wanted);
  switch (kind) {
    case 'research':
      return has('outside_read') ? { proven: true } : { proven: false, missing: 'a successful read from outside' };
    case 'write':
      return has('document') ? { proven: true } : { proven: false, missing: 'a stored document whose figures name their sources' };
    case 'code':
      return has('file') ? { proven: true } : { proven: false, missing: 'a file that run_code made' };
    case 'launch':
    case 'refund':
      return judgeReceipts(rows);
    case 'measure':
      return has('metric_points') ? { proven: true } : { proven: false, missing: 'results measured outside' };
    case 'experiment':
      // Code wrote it: there are no words to prove, and each of its acts has its own receipt or failed.
      return { proven: true };
  }
}

/** Every receipt must have been read back from the far side by a second call. */
function judgeReceipts(rows: readonly EvidenceRow[]): Proof {
  const receipts = rows.filter((row) => row.kind === 'receipt');
  if (receipts.length === 0) return { proven: false, missing: 'a receipt of the far side' };
  const unread = receipts.find(
    (receipt) => !rows.some((row) => row.kind === 'readback' && row.source === receipt.source && row.tool_call_id !== receipt.tool_call_id),
  );
  return unread === undefined ? { proven: true } : { proven: false, missing: `${unread.source} read back by a second call` };
}

const PAGES = ['publish_page', 'page_status', 'change_price', 'retire_page', 'add_channel', 'person_task'];
/** The sets of tools any of which can bring a kind's evidence, where not each of its tools can alone. */
const WAYS: Partial<Record<TaskKind, readonly (readonly string[])[]>> = {
  write: [['write_document']],
  code: [['run_code']],
  launch: [
    ['market_launch', 'market_results'],
    ['payment_link', 'payment_status'],
    ['publish_page', 'page_status'],
  ],
  refund: [['refund_payment', 'payment_status']],
};

/** The sets of tools that do a kind of task; any of them will do. */
export const waysOfKind = (kind: TaskKind): readonly (readonly string[])[] => WAYS[kind] ?? TOOLS_OF_KIND[kind].map((name) => [name]);

/** The tools a kind of task may use, beside `finish` and `wait`. */
const TOOLS_OF_KIND: Record<WorkKind, readonly string[]> = {
  research: ['market_offers', 'market_results', 'web_search', 'web_fetch', 'customer_orders', 'payment_status'],
  write: ['write_document', 'market_offers', 'market_results', 'customer_orders'],
  code: ['run_code', 'market_offers', 'market_results', 'customer_orders'],
  launch: ['market_launch', 'market_results', 'market_offers', 'market_stop', 'payment_link', 'payment_status', ...PAGES],
  measure: ['market_results', 'market_stop', 'payment_status', 'page_status', 'change_price', 'retire_page'],
  refund: ['refund_payment', 'payment_status'],
  experiment: [
    'start_experiment',
    'extend_experiment',
    'market_launch',
    'market_results',
    'market_stop',
    'publish_page',
    'page_status',
    'retire_page',
  ],
};

export const servesKind = (tool: Pick<Tool, 'name' | 'kinds'>, kind: WorkKind): boolean =>
  tool.kinds === undefined ? TOOLS_OF_KIND[kind].includes(tool.name) : tool.kinds.some((own) => own === kind);
