// Tools of other people's servers.
import type { ColumnType, Generated } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';
import type { Created, Maybe, MaybeMoment } from './columns.ts';

/** What a server says of a tool. */
export interface ToolDefinition {
  name: string;
  title: string;
  description: string;
  inputSchema: { [key: string]: Json };
}

type MaybeDefinition = ColumnType<ToolDefinition | null, string | null | undefined>;

export interface ToolTables {
  mcp_tool: {
    id: Generated<number>;
    server: string;
    name: string;
    /** As an owner has accepted it; null while none has. */
    accepted: MaybeDefinition;
    accepted_hash: Maybe<string>;
    accepted_by: Maybe<string>;
    accepted_at: MaybeMoment;
    /** What the server says now, where it differs: the tool is in quarantine. */
    offered: MaybeDefinition;
    offered_hash: Maybe<string>;
    changed_at: MaybeMoment;
    missing_since: MaybeMoment;
    created_at: Created;
  };
}
