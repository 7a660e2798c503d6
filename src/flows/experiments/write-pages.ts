// The pages of an experiment's variants: written by a language model from the opportunity's fields, each word to be read by a person before
// anybody else sees it; where no model can write, the template that code fills.
import { z } from 'zod';
import { fenceData, RULES } from '../../domain/brain/prompts.ts';
import { askStructured } from '../../domain/brain/structured.ts';
import { type Contract, OTHER_WORDS } from '../../domain/experiments/contract.ts';
import type { Experiment } from '../../domain/experiments/experiment-store.ts';
import type { PageBlock } from '../../domain/pages/page.ts';
import type { PublishInput } from '../../domain/pages/page-input.ts';
import { checkPages, PAGE_WRITING_NAME, PAGE_WRITING_RULES, pageWriting } from '../../domain/pages/page-writing.ts';
import { callModel } from '../call-model.ts';
import type { Deps } from '../deps.ts';
import type { Run } from '../run-state.ts';
import { lessonsFor } from './lessons-for.ts';

/** Whether a language model is there that can write; the practice model only plays its playbooks. */
export const canWrite = ({ model }: Pick<Deps, 'model'>): boolean => model.offers('execute').some((offer) => !offer.practice);

/**
 * One page for each variant of the contract that there are words for: the template's when the model gives nothing usable.
 * @param template the page as code fills it, for the variant as listed
 * @throws what the model throws when it cannot be asked
 */
export async function writePages(deps: Deps, run: Run, experiment: Experiment, template: PublishInput): Promise<PublishInput[]> {
  const { variants } = experiment.contract as unknown as Contract;
  if (variants.every(({ pageVariant }) => pageVariant === undefined)) return [template];
  const wanted = variants.some(({ name }) => name === OTHER_WORDS) ? 2 : 1;
  const [first, second] = (await ask(deps, run, experiment, template, wanted)) ?? [template.blocks];
  return variants.flatMap(({ name, pageVariant, priceUsd }) => {
    const blocks = name === OTHER_WORDS ? second : first;
    return blocks === undefined || pageVariant === undefined
      ? []
      : [{ ...template, variant: pageVariant, amount: priceUsd.toFixed(2), blocks }];
  });
}

/** Null when no answer could be used. */
async function ask(deps: Deps, run: Run, experiment: Experiment, template: PublishInput, wanted: number): Promise<PageBlock[][] | null> {
  const lessons = await lessonsFor(deps.db, { mode: run.task.mode, decision: 'plan', subjectKind: 'experiment', subjectId: experiment.id });
  const schema = { name: PAGE_WRITING_NAME, jsonSchema: z.toJSONSchema(pageWriting, { io: 'input' }) as Record<string, unknown> };
  const offer = { name: template.name, sells: template.description ?? '', page: template.blocks };
  const answer = await askStructured(
    pageWriting,
    [
      { role: 'system', content: `${RULES}\n${PAGE_WRITING_RULES}` },
      {
        role: 'user',
        content: [
          `Write ${wanted} ${wanted === 1 ? 'page' : 'pages'}.`,
          fenceData('the offer, as it was found', JSON.stringify(offer)),
          ...lessons.map(({ id, text }) => fenceData(`lesson ${id}, learnt from experiments`, text)),
        ].join('\n'),
      },
    ],
    (messages) =>
      callModel(deps, {
        mode: 'execute',
        goalId: run.goal.id,
        taskId: run.task.id,
        agent: run.task.agent,
        messages,
        tools: [],
        schema,
        signal: run.signal,
      }),
    (reply) => checkPages(reply, wanted),
  );
  if (answer.kind === 'value') return answer.value.pages.map(({ blocks }) => blocks);
  deps.log.warn({ experiment: experiment.id, why: answer.why }, 'the model wrote no usable page; the template is used');
  return null;
}
