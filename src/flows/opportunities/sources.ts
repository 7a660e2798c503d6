// Which sources there are here: the practice market in practice mode, and what is configured.
import type { Deps } from '../deps.ts';
import { canRead } from './extract-finds.ts';
import { createMarketSource } from './market-source.ts';
import type { FindSource } from './source.ts';
import { createToolSource } from './tool-source.ts';
import { createWebSource } from './web-source.ts';

/** @param turn counts the scans */
export function sourcesOf(deps: Deps, turn: number): FindSource[] {
  const { tool } = deps.config.scan;
  return [
    ...(deps.mode === 'practice' ? [createMarketSource(deps.market)] : []),
    ...(deps.tools.has('web_search') && canRead(deps) ? [createWebSource(deps, turn)] : []),
    ...(tool === null ? [] : [createToolSource(deps, tool)]),
  ];
}
