// Who runs and who may act: processes, slots, people, tokens.
import type { Generated } from 'kysely';
import type { Created, Maybe, MaybeMoment } from './columns.ts';

export interface ProcessTables {
  control: { id: number; paused_at: MaybeMoment; paused_by: Maybe<string>; pause_reason: Maybe<string> };
  process: { id: Generated<number>; pool_id: string; host: string; pid: number; started_at: Created; stopped_at: MaybeMoment };
  slot: { schedule: string; slot_at: Date; process_id: number; created_at: Created };
  member: { platform_id: string; person: string; role: Maybe<string>; added_by: string; created_at: Created };
  access_token: {
    id: Generated<number>;
    platform_id: string;
    token_hash: string;
    created_by: string;
    created_at: Created;
    revoked_at: MaybeMoment;
  };
}
