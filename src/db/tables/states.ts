// The words that rows may hold, as the checks in the migrations have them.

export interface FactorRow {
  name: string;
  contribution: number;
  note: string;
}

/** What was judged of a plan before work: shown on its cards. */
export interface Feasibility {
  decision: 'proceed' | 'ask' | 'defer' | 'reject' | 'retry_later';
  /** 0 to 1: how likely such a plan is done in the end. */
  confidence: number;
  complexity: 'low' | 'medium' | 'high' | 'critical';
  missing: string[];
  blockers: string[];
  unblock: string[];
}

export type GoalStatus = 'draft' | 'planning' | 'question' | 'plan_review' | 'running' | 'done' | 'failed' | 'cancelled';
export type TaskStatus = 'pending' | 'blocked' | 'waiting' | 'waiting_approval' | 'running' | 'done' | 'failed' | 'dead' | 'cancelled';
export type CallStatus =
  | 'invalid'
  | 'proposed'
  | 'waiting_approval'
  | 'approved'
  | 'executing'
  | 'done'
  | 'failed'
  | 'unknown'
  | 'refused'
  | 'denied'
  | 'expired'
  | 'cancelled';
export type ApprovalKind = 'plan' | 'act' | 'expense' | 'budget';
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'changes' | 'expired' | 'cancelled';
export type AnswerStatus = 'pending' | 'answering' | 'done' | 'failed' | 'cancelled' | 'interrupted';
export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';
export type Channel = 'goals' | 'approvals' | 'experiments' | 'revenue';
export type Platform = 'slack' | 'discord';
export type WaitFor = 'time' | 'market_day' | 'order' | 'reply';
export type CapPeriod = 'hour' | 'day' | 'month' | 'market_day';
export type Consent = 'none' | 'given' | 'withdrawn';
export type OrderStatus = 'paid' | 'fulfilling' | 'fulfilled' | 'failed' | 'refunded';
export type DeliveryWay = 'download' | 'webhook' | 'person';
export type ReceiptKind = 'payment' | 'delivery' | 'refund' | 'message';
export type PromiseKind = 'delivery' | 'refund' | 'discount' | 'message';
export type PromiseStatus = 'open' | 'kept' | 'released';
export type BudgetScope = 'calendar_month' | 'goal_budget' | 'experiment' | 'agent' | 'tool' | 'model';
export type OpportunitySource = 'practice_market' | 'web' | 'mcp' | 'csv' | 'idea';
export type OpportunityStatus = 'open' | 'taken' | 'closed' | 'refused' | 'merged';
export type Scalability = 'once' | 'repeatable' | 'scalable';
export type EvidenceOrigin = 'listing' | 'page' | 'tool' | 'row' | 'said';
export type ScanWhy = 'schedule' | 'market_day' | 'person';
export type ScanStatus = 'open' | 'done' | 'failed';
export type ExperimentState = 'draft' | 'proposed' | 'approved' | 'running' | 'measuring' | 'concluded' | 'cancelled';
export type Verdict = 'scale' | 'keep' | 'kill' | 'inconclusive';
export type RiskClass = 'low' | 'medium' | 'high';
export type LessonKind = 'effect' | 'failure' | 'pattern';
export type LessonDecision = 'proposal' | 'prior' | 'score' | 'plan' | 'estimate' | 'scan';
/** Code that writes the turns of a task in the place of a model. */
export type TaskPolicy = 'review' | 'start' | 'rollback' | 'weekly' | 'refund';
