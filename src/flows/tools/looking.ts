// What tools that only look have in common: nothing is touched, nobody is reached, and looking again does no harm.
import type { Reconciliation } from '../../domain/tools/tool.ts';

export const looking = {
  version: '1',
  act: 'read',
  touches: 'nothing',
  reversible: true,
  reach: 'nobody',
  credentials: false,
  production: false,
  modes: ['practice', 'live'],
  repeatable: true,
  reconcile: async (): Promise<Reconciliation> => ({ kind: 'never_happened' }),
} as const;
