// The storefront: pages, variants, versions, channels, visits, tasks for people, and who must not be written to.
import type { Generated } from 'kysely';
import type { AnyJson, Created, Maybe, MaybeMoment, Mode } from './columns.ts';

export type PageStatus = 'draft' | 'published' | 'retired';

export interface PageTables {
  offer_page: {
    id: Generated<number>;
    mode: Mode;
    slug: string;
    goal_id: number;
    experiment_id: Maybe<number>;
    market_launch_id: Maybe<number>;
    status: PageStatus;
    created_at: Created;
    retired_at: MaybeMoment;
    retired_why: Maybe<string>;
  };
  page_variant: {
    page_id: number;
    variant: string;
    experiment_variant_id: Maybe<number>;
    version: Maybe<number>;
    weight: Generated<number>;
    status: PageStatus;
  };
  page_version: {
    id: Generated<number>;
    page_id: number;
    variant: string;
    version: number;
    name: string;
    description: Maybe<string>;
    blocks: AnyJson;
    currency: string;
    price_micros: bigint;
    list_micros: bigint;
    unit_cost_micros: bigint;
    floor_micros: bigint;
    launch_id: number;
    sha256: string;
    tool_call_id: number;
    created_at: Created;
  };
  page_channel: { page_id: number; channel: string; name: string; tool_call_id: number; created_at: Created };
  page_visit: { page_id: number; variant: string; day: string; channel: string; visits: number; visitors: number };
  visit_salt: { day: string; salt: string };
  visit_seen: { day: string; hash: string };
  person_task: {
    id: Generated<number>;
    mode: Mode;
    goal_id: number;
    task_id: number;
    tool_call_id: number;
    page_id: number;
    channel: string;
    title: string;
    body: string;
    link: string;
    contact: Maybe<string>;
    addressee: Maybe<string>;
    is_first: Generated<boolean>;
    status: Generated<'open' | 'done' | 'cancelled'>;
    due_at: Date;
    note: Maybe<string>;
    ended_by: Maybe<string>;
    ended_at: MaybeMoment;
    created_at: Created;
  };
  outreach_contact: { tool_call_id: number; contact: string; mode: Mode; created_at: Created };
  suppression: { contact: string; shown: string; reason: string; by: string; created_at: Created };
}
