// No state lasts for ever: an experiment that stands where it should long have moved on is told to people, once.

import { plainLine } from '../../chat/escape.ts';
import { postMessage } from '../../chat/outbox-store.ts';
import { stateWords } from '../../chat/views/experiment-card.ts';
import { inTransaction } from '../../db/database.ts';
import { listLate, noteAlert } from '../../domain/experiments/experiment-store.ts';
import type { Deps } from '../deps.ts';

export async function tellLate(deps: Deps): Promise<void> {
  for (const experiment of await listLate(deps.db, deps.mode)) {
    await inTransaction(deps.db, async (trx) => {
      if (!(await noteAlert(trx, experiment.id))) return;
      const { id } = experiment;
      await postMessage(trx, {
        channel: 'experiments',
        goalId: experiment.goal_id,
        key: `experiment-late:${id}:${experiment.state_since.getTime()}`,
        card: {
          title: `Experiment ${id} should have moved on`,
          tone: 'ask',
          text: `${plainLine(experiment.name, 100)}: ${stateWords(experiment)}, since ${experiment.state_since.toISOString()}. It stays so until something happens or somebody stops it.`,
          buttons: [
            { label: 'Show', command: 'experiment', args: { id }, style: 'primary' },
            { label: 'Stop', command: 'experiment', args: { id, act: 'stop' }, style: 'danger', confirm: `Stop experiment ${id}?` },
          ],
          ref: { kind: 'experiment', id },
        },
      });
    });
  }
}
