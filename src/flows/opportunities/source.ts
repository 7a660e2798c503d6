// The port to where opportunities are found. Each source turns what it reads into finds; what becomes of them is for the scan.
import type { OpportunitySource } from '../../db/tables/states.ts';
import type { Find } from '../../domain/opportunities/opportunity.ts';

export interface Looked {
  finds: Find[];
  /** Everything it lists now, by its own ids: what is not among them has left. Null where silence says nothing. */
  listed: string[] | null;
}

export interface FindSource {
  source: OpportunitySource;
  /** Tells sources of one kind apart. */
  name: string;
  /** @throws Upstream, LimitExceeded */
  look(signal: AbortSignal): Promise<Looked>;
}
