// What is sold where: launches and their measured points.
import type { Generated } from 'kysely';
import type { Created, Maybe, Mode } from './columns.ts';

export interface OfferTables {
  practice_far_side: { id: number; url: Maybe<string>; api_key: string; webhook_secret: string };
  launch: {
    id: Generated<number>;
    mode: Mode;
    goal_id: number;
    task_id: number;
    tool_call_id: number;
    external_id: string;
    offer_id: string;
    name: string;
    budget_micros: bigint;
    days: number;
    started_day: number;
    status: 'running' | 'ended' | 'stopped';
    /** Noted by the database. */
    experiment_id: Maybe<number>;
    created_at: Created;
  };
  metric_point: { launch_id: number; day: number; name: string; value: number; tool_call_id: number; created_at: Created };
}
