// The append-only audit and its chain.
import type { Generated } from 'kysely';
import type { AnyJson, Created, Maybe, Mode } from './columns.ts';

export interface AuditTables {
  audit: {
    id: Generated<number>;
    at: Created;
    mode: Mode;
    actor: string;
    action: string;
    subject_kind: string;
    subject_id: Maybe<number>;
    detail: AnyJson;
  };
  audit_unsealed: { audit_id: number };
  audit_seal: { seq: number; audit_id: number; hash: string; sealed_at: Created };
}
