// Opportunities and where they were found, scans, and the standing budget.
import type { Generated } from 'kysely';
import type { Created, Jsonb, Maybe, MaybeMoment, Mode, Moment } from './columns.ts';
import type { EvidenceOrigin, OpportunitySource, OpportunityStatus, Scalability, ScanStatus, ScanWhy } from './states.ts';

/** One part of a score: `points` = 100 × `weight` × `value`; the points of all parts add up to the score. */
export interface ScorePart {
  name: string;
  /** Share of the score this part decides; the weights add up to 1. */
  weight: number;
  /** 0 bad … 1 good. */
  value: number;
  points: number;
  note: string;
}

export interface OpportunityTables {
  scan: {
    id: Generated<number>;
    mode: Mode;
    why: ScanWhy;
    asked_by: Maybe<string>;
    slot_at: MaybeMoment;
    market_day: Maybe<number>;
    status: Generated<ScanStatus>;
    error: Maybe<string>;
    created_at: Created;
    ended_at: MaybeMoment;
  };
  scan_part: {
    scan_id: number;
    source: OpportunitySource;
    name: string;
    status: Generated<ScanStatus>;
    found: Generated<number>;
    fresh: Generated<number>;
    merged: Generated<number>;
    refused: Generated<number>;
    error: Maybe<string>;
    ended_at: MaybeMoment;
  };
  opportunity: {
    id: Generated<number>;
    mode: Mode;
    source: OpportunitySource;
    external_id: string;
    name: string;
    name_key: string;
    sells: string;
    buyer: Generated<string>;
    category: Generated<string>;
    channel: Generated<string>;
    price_micros: Maybe<bigint>;
    unit_cost_micros: Maybe<bigint>;
    visitor_cost_micros: Maybe<bigint>;
    capital_micros: Maybe<bigint>;
    capacity_per_day: Maybe<number>;
    days_to_first_dollar: Maybe<number>;
    effort_hours: Maybe<number>;
    automation: Maybe<number>;
    scalability: Maybe<Scalability>;
    risk: Maybe<number>;
    capabilities: Jsonb<string[]>;
    status: Generated<OpportunityStatus>;
    reason: Maybe<string>;
    merged_into: Maybe<number>;
    score: Maybe<number>;
    score_parts: Jsonb<ScorePart[]>;
    tainted: boolean;
    found_by: string;
    created_at: Created;
    seen_at: Moment;
    scored_at: MaybeMoment;
    taken_at: MaybeMoment;
    status_at: Moment;
  };
  opportunity_evidence: {
    id: Generated<number>;
    opportunity_id: number;
    kind: EvidenceOrigin;
    origin: string;
    sha256: string;
    excerpt: Generated<string>;
    scan_id: Maybe<number>;
    tool_call_id: Maybe<number>;
    created_at: Created;
  };
  standing_budget: { id: Generated<number>; mode: Mode; amount_micros: bigint; set_by: string; created_at: Created };
}
