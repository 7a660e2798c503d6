// The decision log: what was chosen, from what, on which grounds. Written with the fact itself; the database refuses to change it later.
import { sql } from 'kysely';
import { canonicalJson, cleanJsonText, storableText } from '../../core/canonical-json.ts';
import { redactText } from '../../core/redact.ts';
import { type Along, runAlong } from '../../db/along.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import type { Alternative, DecisionKind } from '../../db/tables/decision-tables.ts';
import type { Mode } from '../tools/tool.ts';

export interface NewDecision {
  mode: Mode;
  kind: DecisionKind;
  /** `goal`, `task`, `approval`, `experiment` … */
  subjectKind: string;
  /** `fact`: the row that the statement it goes along with brings about. */
  subjectId: number | 'fact';
  /** The goal it belongs to, whose story tells it too. */
  goalId: number | null;
  /** The part of the product, agent or person that chose. */
  actor: string;
  choice: string;
  alternatives: Alternative[];
  /** The figures it rests on, small; at most 16 kB as JSON. Bigints become digits. */
  inputs: Record<string, unknown>;
  /** 0 to 1; null where nothing was estimated. */
  confidence: number | null;
  /** One or two plain sentences. */
  reason: string;
  /** Numbers of the lessons that bore on it. */
  lessons?: number[];
}

const LONGEST_CHOICE = 200;
const LONGEST_REASON = 2_000;
const LONGEST_INPUTS = 16_000;

const json = (value: unknown): string => cleanJsonText(redactText(canonicalJson(value)));
const text = (value: string, limit: number): string => storableText(redactText(value).slice(0, limit));

/** Figures too large to keep are left out, and it is said so. */
function inputsOf(inputs: Record<string, unknown>): string {
  const whole = json(inputs);
  return Buffer.byteLength(whole) <= LONGEST_INPUTS ? whole : json({ left_out: Object.keys(inputs).slice(0, 50) });
}

/** Writes decisions in one statement; call it in the transaction of what was decided. */
export async function recordDecision(db: DatabaseOrTrx, ...decisions: (NewDecision & { subjectId: number })[]): Promise<void> {
  if (decisions.length > 0) await runAlong(db, [decisionAlong(decisions)]);
}

/** The same along with the statement of the fact. */
export function decisionAlong(decisions: readonly NewDecision[]): Along {
  const rows = decisions.map(
    (
      one,
    ) => sql`(${one.mode}, ${one.kind}, ${one.subjectKind}, ${one.subjectId === 'fact' ? sql`fact.id` : sql`${one.subjectId}::bigint`}, ${one.goalId}::bigint,
      ${one.actor}, ${text(one.choice, LONGEST_CHOICE)}, ${json(one.alternatives)}::jsonb, ${inputsOf(one.inputs)}::jsonb, ${one.confidence}::real,
      ${text(one.reason, LONGEST_REASON)}, ${json(one.lessons ?? [])}::jsonb)`,
  );
  return sql`insert into decision (mode, kind, subject_kind, subject_id, goal_id, actor, choice, alternatives, inputs, confidence, reason, lessons)
    select one.* from fact cross join lateral (values ${sql.join(rows)}) as one`;
}

/**
 * How each call of a turn that touches something was judged, along with the statement that keeps them.
 * @param calls the CTE that returns their rows
 */
export const riskAlong = (
  calls: string,
): Along => sql`insert into decision (mode, kind, subject_kind, subject_id, goal_id, actor, choice, alternatives, inputs, reason)
    select c.mode, 'risk', 'tool_call', c.id, c.goal_id, 'policy', v.choice,
      (select jsonb_agg(jsonb_build_object('choice', other)) from unnest(array['proceed', 'proceed under a grant', 'ask a person', 'refuse']) as other where other <> v.choice),
      jsonb_build_object('tool', c.tool, 'score', c.risk_score, 'level', c.risk_level, 'amount_micros', c.amount_micros::text, 'tainted', c.tainted, 'grant', c.grant_id),
      coalesce(c.error, 'Risk ' || c.risk_level || ' (' || round(c.risk_score::numeric, 2) || ')' || coalesce(': ' || (
        select string_agg((f ->> 'name') || ' +' || round((f ->> 'contribution')::numeric, 2), ', ' order by (f ->> 'contribution')::numeric desc)
        from jsonb_array_elements(c.factors) as f where (f ->> 'contribution')::numeric > 0), '') || '.')
    from ${sql.ref(calls)} as c cross join lateral (select case when c.status = 'refused' then 'refuse' when c.status = 'waiting_approval' then 'ask a person'
      when c.grant_id is not null then 'proceed under a grant' else 'proceed' end as choice) as v
    where c.touches <> 'nothing' and c.status in ('proposed', 'waiting_approval', 'refused')`;

export interface Decision {
  id: number;
  at: Date;
  kind: DecisionKind;
  subject_kind: string;
  subject_id: number;
  actor: string;
  choice: string;
  alternatives: Alternative[];
  inputs: Record<string, unknown>;
  confidence: number | null;
  reason: string;
  lessons: number[];
}

/** The latest `limit` decisions about any of the subjects, in the order they were made; of a goal those about its tasks and experiments too, but for how each call was judged. */
export async function listDecisions(
  db: DatabaseOrTrx,
  subjects: readonly { kind: string; id: number }[],
  limit: number,
): Promise<Decision[]> {
  const { rows } = await sql<Decision>`
    select id, created_at as at, kind, subject_kind, subject_id, actor, choice, alternatives, inputs, confidence, reason, lessons from decision d
    where d.id in (
      select d1.id from decision d1 join jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) as s(kind text, id bigint) on d1.subject_kind = s.kind and d1.subject_id = s.id
      union select d2.id from decision d2 join jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) as s(kind text, id bigint) on s.kind = 'goal' and d2.goal_id = s.id where d2.kind <> 'risk')
    order by id desc limit ${limit}`.execute(db);
  return rows.toReversed();
}
