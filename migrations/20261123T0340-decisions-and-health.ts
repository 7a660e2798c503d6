// Choices with their reasons, the health of outside services as each process sees it, and what keeps a goal or a task from going on.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What another row already says (a plan's revision, a request's factors, a turn's model) is not written here again.
  `create table decision (id bigint generated always as identity primary key, mode text not null check (mode in ('practice', 'live')),
    kind text not null check (kind in ('plan', 'model', 'risk', 'route', 'rule', 'verdict', 'feasibility', 'allocation', 'recovery')),
    subject_kind text not null, subject_id bigint not null, goal_id bigint references goal, actor text not null,
    choice text not null check (length(choice) between 1 and 200), alternatives jsonb not null default '[]' check (jsonb_typeof(alternatives) = 'array'),
    inputs jsonb not null default '{}' check (jsonb_typeof(inputs) = 'object' and octet_length(inputs::text) <= 16384),
    confidence real check (confidence between 0 and 1), reason text not null, lessons jsonb not null default '[]' check (jsonb_typeof(lessons) = 'array'),
    created_at timestamptz not null default clock_timestamp())`,
  `create index decision_of_subject on decision (subject_kind, subject_id, id)`,
  `create index decision_of_goal on decision (goal_id, id) where goal_id is not null`,
  `create index decision_feasibility on decision (mode, id) where kind = 'feasibility'`,
  `create trigger append_only before update or delete on decision for each row execute function refuse_change()`,
  `create trigger no_truncate before truncate on decision for each statement execute function refuse_change()`,

  // Written when a breaker changes, never by a call that went well.
  `create table service_health (service text not null, process_id bigint not null references process, state text not null check (state in ('closed', 'open', 'half_open')),
    failures int not null default 0, why text, since timestamptz not null default clock_timestamp(), next_try_at timestamptz, primary key (process_id, service))`,

  `alter table goal add column feasibility jsonb, add column deferred_until timestamptz, add column patient_since timestamptz`,
  // A follow-up does later what its task was skipped for.
  `alter table task add column failure_kind text, add column followed_by bigint references task`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
