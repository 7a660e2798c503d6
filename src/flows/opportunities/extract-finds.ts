// A model reads pages of strangers and says what is to be sold there; its answer has our shape or is dropped. Pages are data, fenced.
import { z } from 'zod';
import { sha256 } from '../../core/canonical-json.ts';
import { Upstream } from '../../core/errors.ts';
import { fenceData, RULES } from '../../domain/brain/prompts.ts';
import { askStructured } from '../../domain/brain/structured.ts';
import { nameKey } from '../../domain/opportunities/duplicates.ts';
import { checkExtraction, EXTRACTION_NAME, EXTRACTION_RULES, extraction } from '../../domain/opportunities/extraction.ts';
import type { Find, FoundAt } from '../../domain/opportunities/opportunity.ts';
import { toFind } from '../../domain/opportunities/told.ts';
import { callModel } from '../call-model.ts';
import type { Deps } from '../deps.ts';

/** Of one page; the rest is left. */
const LONGEST_PAGE = 8_000;

export interface PageRead {
  text: string;
  place: FoundAt;
}

/** Whether a language model is there that can read; the practice model only plays its playbooks. */
export const canRead = ({ model }: Deps): boolean => model.offers('research').some((offer) => !offer.practice);

/** @throws Upstream when the model is away or gives no usable answer; LimitExceeded when a cap stops it */
export async function extractFinds(deps: Deps, pages: readonly PageRead[], signal: AbortSignal): Promise<Find[]> {
  if (pages.length === 0) return [];
  const schema = { name: EXTRACTION_NAME, jsonSchema: z.toJSONSchema(extraction) as Record<string, unknown> };
  const shown = pages.map(({ text, place }, index) => fenceData(`page ${index + 1}: ${place.origin}`, text.slice(0, LONGEST_PAGE)));
  const answer = await askStructured(
    extraction,
    [
      { role: 'system', content: `${RULES}\n${EXTRACTION_RULES}` },
      { role: 'user', content: shown.join('\n') },
    ],
    (messages) => callModel(deps, { mode: 'research', goalId: null, taskId: null, agent: 'scout', messages, tools: [], schema, signal }),
    (reply) => checkExtraction(reply, pages.length),
  );
  if (answer.kind === 'unusable') throw new Upstream(`The model gave no usable list: ${answer.why}`, { retryable: false });
  return answer.value.opportunities.flatMap(({ page, ...told }) => {
    const place = pages[page - 1]?.place;
    return place === undefined ? [] : [toFind(told, sha256(`${place.origin}\n${nameKey(told.name)}`).slice(0, 32), [place])];
  });
}
