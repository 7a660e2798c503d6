// Which sources there are here: the practice market in practice mode, and what is configured.
import type { Deps } from '../deps.ts';
import { createMarketSource } from './market-source.ts';
import type { FindSource } from './source.ts';

export function sourcesOf(deps: Deps): FindSource[] {
  return [...(deps.mode === 'practice' ? [createMarketSource(deps.market)] : [])];
}
