// The turns of the task that asks for one experiment: its contract, and where a page of ours sells it every page in full, in one request.
import { hashOf, type Json } from '../../core/canonical-json.ts';
import type { ChatReply } from '../../domain/brain/chat-model.ts';
import { type Contract, sellsOnPage } from '../../domain/experiments/contract.ts';
import { type Experiment, findExperiment } from '../../domain/experiments/experiment-store.ts';
import { publishInput } from '../../domain/pages/page-input.ts';
import type { ToolCall } from '../../domain/tools/call-store.ts';
import type { Deps } from '../deps.ts';
import { finish, say } from '../policy-reply.ts';
import type { Run } from '../run-state.ts';
import { writePages } from './write-pages.ts';

/** @param past calls of every attempt */
export async function startTurn(deps: Deps, run: Run, past: readonly ToolCall[]): Promise<ChatReply> {
  if (past.some(({ tool }) => tool === 'publish_page')) return readBack(past);
  const asked = past.at(-1);
  if (asked?.status === 'done') return finish('done', 'The experiment may begin.');
  if (asked !== undefined) return finish('nothing_done', `The experiment does not begin: it was ${asked.status}.`);
  const experiment = run.task.experiment_id === null ? undefined : await findExperiment(deps.db, run.task.mode, run.task.experiment_id);
  if (experiment === undefined || experiment.state !== 'proposed') return finish('nothing_done', 'The experiment is no longer proposed.');
  const contract = experiment.contract as unknown as Contract;
  if (sellsOnPage(contract)) return askForPages(deps, run, experiment);
  return say(run.task.why, [
    { tool: 'start_experiment', arguments: { experimentId: experiment.id, contract: contract as unknown as Json } },
  ]);
}

async function askForPages(deps: Deps, run: Run, experiment: Experiment): Promise<ChatReply> {
  const template = publishInput.safeParse((run.task.policy_input as { page?: Json } | null)?.page);
  if (!template.success || hashOf(experiment.contract) !== experiment.contract_hash)
    return finish('nothing_done', 'It has no page, or another contract.');
  const pages = await writePages(deps, run, experiment, template.data);
  return say(
    run.task.why,
    pages.map((page) => ({ tool: 'publish_page', arguments: JSON.parse(JSON.stringify(page)) as { [key: string]: Json } })),
  );
}

/** What was published is read as visitors see it, each page once. */
function readBack(past: readonly ToolCall[]): ChatReply {
  const done = past.filter(({ tool, status }) => tool === 'publish_page' && status === 'done').map(placeOf);
  if (done.length === 0) return finish('nothing_done', `The experiment does not begin: it was ${past.at(-1)?.status}.`);
  const read = past.filter(({ tool }) => tool === 'page_status').map(placeOf);
  const unread = done.filter((one) => !read.some(({ slug, variant }) => slug === one.slug && variant === one.variant));
  if (unread.length === 0) return finish('done', 'The experiment may begin.');
  const what = unread.length === 1 ? 'The page is published: it is' : 'The pages are published: they are';
  return say(
    `${what} read back as visitors see it.`,
    unread.map((place) => ({ tool: 'page_status', arguments: place })),
  );
}

const placeOf = (call: ToolCall): { slug: string; variant: string } => {
  const { slug, variant } = call.arguments as { slug: string; variant: string };
  return { slug, variant };
};
