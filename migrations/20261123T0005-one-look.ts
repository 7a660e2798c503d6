// What a run starts from brings the requests behind its approved calls, and says whether any grant could cover a new one.
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  'drop function read_run(bigint, int, bigint)',
  // Everything a run starts from. Volatile, so that behind a claim it sees what was committed before the claim got its turn.
  `create function read_run(of_task bigint, of_attempt int, of_goal bigint)
    returns table (goal json, turns json, calls json, inputs json, committed_micros numeric, asked json, granted boolean) language plpgsql volatile as $$
    begin
      return query with recursive before as (
          select d.depends_on as id from task_dependency d where d.task_id = of_task
          union select d.depends_on from task_dependency d join before on d.task_id = before.id)
        select to_json(g),
          (select json_agg(t order by t.seq) from turn t where t.task_id = of_task and t.attempt = of_attempt),
          (select json_agg(c order by c.id) from tool_call c where c.task_id = of_task),
          (select json_agg(json_build_object('task_key', task.key, 'id', c.id, 'tool', c.tool, 'output', c.output, 'tainted', c.tainted) order by c.id)
            from before join task on task.id = before.id join tool_call c on c.task_id = task.id where c.status = 'done' and c.tool not in ('finish', 'wait')),
          (select coalesce(sum(counted_micros), 0) from reservation r where r.goal_id = g.id and r.mode = g.mode and r.kind = 'act'),
          (select json_agg(json_build_object('approval', to_json(a),
              'votes', (select json_agg(json_build_object('person', v.person, 'platform_id', v.platform_id) order by v.created_at) from approval_vote v where v.approval_id = a.id),
              'decided', (select detail ->> 'requestHash' from audit
                where subject_kind = 'approval' and subject_id = a.id and action = 'approval.approved' order by audit.id limit 1)))
            from approval a where a.id in (select c.approval_id from tool_call c where c.task_id = of_task and c.status = 'approved')),
          exists (select 1 from standing_grant s where s.mode = g.mode and s.revoked_at is null and s.expires_at > statement_timestamp())
        from goal g where g.id = of_goal;
    end $$`,
  'create index standing_grant_live on standing_grant (mode, expires_at) where revoked_at is null',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
