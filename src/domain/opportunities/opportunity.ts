// What an opportunity is: a thing that could be sold to somebody, where it was found, and where it stands.
import type { Micros } from '../../core/money.ts';
import type { EvidenceOrigin, OpportunitySource, OpportunityStatus, Scalability } from '../../db/tables/states.ts';

/** What a source tells of one thing. Null is "not said": the score counts it as unknown, never as good. */
export interface Find {
  /** The source's own id of it, stable from scan to scan. */
  externalId: string;
  name: string;
  sells: string;
  buyer: string;
  category: string;
  channel: string;
  priceMicros: Micros | null;
  unitCostMicros: Micros | null;
  visitorCostMicros: Micros | null;
  capitalMicros: Micros | null;
  capacityPerDay: number | null;
  daysToFirstDollar: number | null;
  effortHours: number | null;
  /** 0 all by hand … 1 all by itself. */
  automation: number | null;
  scalability: Scalability | null;
  /** 0 none … 1 reckless. */
  risk: number | null;
  /** Names of what it takes, as the registry of tools knows them, or words for what no tool does. */
  capabilities: string[];
  /** Names of hard limits (limits.ts) that the source says it runs against. */
  flags: string[];
  /** Words of strangers had a hand in it. */
  tainted: boolean;
  evidence: FoundAt[];
}

export interface FoundAt {
  kind: EvidenceOrigin;
  /** Where it can be found again: a listing's id, an address, a file and row, a person. */
  origin: string;
  sha256: string;
  excerpt: string;
  toolCallId: number | null;
}

/** Which status may follow which; a merged one ends there. */
const NEXT: Record<OpportunityStatus, readonly OpportunityStatus[]> = {
  open: ['taken', 'closed', 'refused', 'merged'],
  taken: ['open', 'closed'],
  closed: ['open'],
  refused: ['open'],
  merged: [],
};

export const mayMove = (from: OpportunityStatus, to: OpportunityStatus): boolean => NEXT[from].includes(to);

/** A source whose ids tell things apart by themselves: two of its listings are never one, however alike their names. */
export const tellsApart = (source: OpportunitySource): boolean => source === 'practice_market';
