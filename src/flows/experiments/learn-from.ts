// What a concluded experiment teaches, kept as lessons.
import type { Trx } from '../../db/database.ts';
import type { ReadExperiment } from './read-morning.ts';

export async function learnFrom(_trx: Trx, _one: ReadExperiment): Promise<void> {}
