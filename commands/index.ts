// The menu: every command there is, in the order people read it.
import type { Command } from '../src/chat/command.ts';
import { approvals } from './approvals.ts';
import { approve } from './approve.ts';
import { ask } from './ask.ts';
import { audit } from './audit.ts';
import { budget } from './budget.ts';
import { cancel } from './cancel.ts';
import { change } from './change.ts';
import { delivery } from './delivery.ts';
import { deny } from './deny.ts';
import { digest } from './digest.ts';
import { experiment } from './experiment.ts';
import { experiments } from './experiments.ts';
import { forecast } from './forecast.ts';
import { goal } from './goal.ts';
import { goals } from './goals.ts';
import { grant } from './grant.ts';
import { grants } from './grants.ts';
import { createHelp } from './help.ts';
import { idea } from './idea.ts';
import { learnings } from './learnings.ts';
import { offer } from './offer.ts';
import { opportunities } from './opportunities.ts';
import { order } from './order.ts';
import { outreach } from './outreach.ts';
import { pause } from './pause.ts';
import { resume } from './resume.ts';
import { retry } from './retry.ts';
import { revenue } from './revenue.ts';
import { revoke } from './revoke.ts';
import { scan } from './scan.ts';
import { spend } from './spend.ts';
import { status } from './status.ts';
import { task } from './task.ts';
import { team } from './team.ts';
import { tools } from './tools.ts';
import { why } from './why.ts';

export const commands: readonly Command[] = [
  goal,
  goals,
  ask,
  task,
  retry,
  cancel,
  approve,
  deny,
  change,
  approvals,
  grant,
  grants,
  revoke,
  status,
  why,
  pause,
  resume,
  scan,
  idea,
  opportunities,
  experiments,
  experiment,
  learnings,
  order,
  delivery,
  revenue,
  spend,
  offer,
  outreach,
  digest,
  forecast,
  budget,
  tools,
  team,
  audit,
  createHelp(() => commands),
];
