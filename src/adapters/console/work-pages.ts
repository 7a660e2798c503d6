// What the work pages read: the feed, goals, tasks and their calls.
import { findGoal } from '../../domain/goals/goal-store.ts';
import { readProfitAndLoss } from '../../domain/money/ledger-store.ts';
import { isChannel } from '../http/api-routes.ts';
import { listMessages } from '../http/message-store.ts';
import { FEED_PAGE, renderFeed } from './feed-page.ts';
import { findNewestPlan, hasGoals, listDocumentRows, listGoalRows, listLaunchRows, listTaskRows } from './goal-page-store.ts';
import { GOALS_PAGE, renderGoal, renderGoals } from './goal-pages.ts';
import { nextPage } from './layout.ts';
import { type Build, countOf, idOf } from './page-request.ts';
import { CALLS_PAGE, renderTask } from './task-page.ts';
import {
  findCallTask,
  findCallText,
  findTaskRow,
  listNeededTasks,
  listTaskCalls,
  listTaskEvidence,
  listTaskTurns,
} from './task-page-store.ts';

const THREAD_PAGE = 100;

export const buildFeed: Build = async (c, frame, db) => {
  const channel = c.req.query('channel');
  const before = countOf(c, 'before');
  const chosen = isChannel(channel) ? channel : null;
  const messages = await listMessages(db, {
    limit: FEED_PAGE,
    ...(chosen === null ? {} : { channel: chosen }),
    ...(before === null ? {} : { before }),
  });
  const invites = chosen === null && before === null && messages.length < FEED_PAGE && !(await hasGoals(db));
  return {
    title: 'Feed',
    section: 'feed',
    live: 'none',
    body: renderFeed(frame, { channel: chosen, messages, isFirstPage: before === null, invites }),
  };
};

export const buildGoals: Build = async (c, frame, db) => {
  const open = c.req.query('open') === '1';
  const goals = await listGoalRows(db, { before: countOf(c, 'before'), limit: GOALS_PAGE, open });
  return { title: 'Goals', section: 'goals', live: 'any', body: renderGoals(frame, goals, open) };
};

export const buildGoal: Build = async (c, frame, db) => {
  const goal = await findGoal(db, idOf(c));
  if (goal === undefined) return null;
  const before = countOf(c, 'before');
  const newestFirst = await listMessages(db, { goalId: goal.id, limit: THREAD_PAGE, ...(before === null ? {} : { before }) });
  const body = renderGoal(frame, {
    goal,
    plan: await findNewestPlan(db, goal.id),
    tasks: await listTaskRows(db, goal.id),
    documents: await listDocumentRows(db, goal.id),
    launches: await listLaunchRows(db, goal.id),
    money: await readProfitAndLoss(db, { mode: goal.mode, goalId: goal.id }),
    liveModelMicros: goal.mode === 'live' ? 0n : (await readProfitAndLoss(db, { mode: 'live', goalId: goal.id })).modelCostMicros,
    thread: newestFirst.toReversed(),
    olderThan: nextPage(newestFirst, THREAD_PAGE),
  });
  return { title: goal.title, section: 'goals', live: `goal:${goal.id}`, body };
};

export const buildTask: Build = async (c, frame, db) => {
  const id = idOf(c);
  const task = await findTaskRow(db, id);
  if (task === undefined) return null;
  const needs = await listNeededTasks(db, id);
  const calls = await listTaskCalls(db, id, countOf(c, 'after') ?? 0, CALLS_PAGE);
  const body = renderTask(frame, { task, needs, calls, evidence: await listTaskEvidence(db, id), turns: await listTaskTurns(db, id) });
  return { title: task.title, section: 'goals', live: `goal:${task.goal_id}`, body };
};

export const findCall: Build = async (c, _frame, db) => {
  const call = await findCallTask(db, idOf(c));
  return call === undefined ? null : c.redirect(`/tasks/${call.task_id}#call-${idOf(c)}`, 303);
};

export const sendCallText: Build = async (c, _frame, db) => {
  const part = c.req.param('part');
  const text = part === 'arguments' || part === 'output' ? await findCallText(db, idOf(c), part) : null;
  return text === null ? null : c.text(text, 200, { 'content-disposition': `attachment; filename="call-${idOf(c)}-${part}.txt"` });
};
