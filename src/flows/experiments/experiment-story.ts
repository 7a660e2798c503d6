// What a request for an experiment tells people beside the call itself: the whole contract, where it was found, which lessons speak for it.
import type { DatabaseOrTrx } from '../../db/database.ts';
import { type Contract, contractLines } from '../../domain/experiments/contract.ts';
import { findExperiment } from '../../domain/experiments/experiment-store.ts';
import { listUsed } from '../../domain/learning/lesson-store.ts';
import { listEvidence } from '../../domain/opportunities/opportunity-store.ts';
import type { Mode } from '../../domain/tools/tool.ts';

export interface StoryLine {
  label: string;
  text: string;
}

const SHOWN_EVIDENCE = 5;

export async function experimentStory(db: DatabaseOrTrx, mode: Mode, id: number): Promise<StoryLine[]> {
  const experiment = await findExperiment(db, mode, id);
  if (experiment === undefined) return [];
  const found = experiment.opportunity_id === null ? [] : await listEvidence(db, experiment.opportunity_id, SHOWN_EVIDENCE);
  const { estimate } = experiment.expected as { estimate?: string };
  const used = await listUsed(db, 'experiment', id);
  return [
    ...contractLines(experiment.contract as unknown as Contract),
    ...(estimate === undefined ? [] : [{ label: 'Estimate', text: estimate }]),
    ...(used.length === 0
      ? []
      : [{ label: 'Lessons that moved it', text: used.map((lesson) => `${lesson.id}: ${lesson.words}`).join('; ') }]),
    ...(found.length === 0 ? [] : [{ label: 'Found', text: found.map(({ kind, origin }) => `${kind} ${origin}`).join('; ') }]),
  ];
}
