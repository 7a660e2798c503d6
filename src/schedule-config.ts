// The part of the configuration that says when scheduled work is due. Only config.ts reads the environment itself.
import { z } from 'zod';
import { type DailyTime, parseDailyCron } from './core/calendar.ts';
import { parseRepeatedCron, type RepeatedTime } from './core/repeated-time.ts';

const cron = <Times>(parse: (text: string) => Times | null, message: string) =>
  z.string().transform((value, context): Times => {
    const times = parse(value);
    if (times !== null) return times;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const AT_NINE: DailyTime = { hour: 9, minute: 0, weekdays: null };
const EVERY_FOURTH_HOUR: RepeatedTime = { times: [0, 4, 8, 12, 16, 20].map((hour) => ({ hour, minute: 0 })), weekdays: null };

/** A tool's name, and what it is called with as JSON behind it. */
const scanTool = z.string().transform((value, context) => {
  const [, name = '', json = '{}'] = /^\s*([A-Za-z0-9_-]{1,64})(?:\s+(\{[\s\S]*\}))?\s*$/.exec(value) ?? [];
  try {
    if (name !== '') return { name, input: JSON.parse(json) as Record<string, unknown> };
  } catch {
    // Said below.
  }
  context.addIssue({
    code: 'custom',
    message: 'is not the name of a tool, with JSON behind it where it takes any: gigs__list {"limit":20}',
  });
  return z.NEVER;
});

export const scheduleEnvironment = {
  JUG_DIGEST_CRON: cron(parseDailyCron, 'is not once a day, like "0 9 * * *" or "30 8 * * 1-5" (minute hour * * weekdays)').default(
    AT_NINE,
  ),
  JUG_SCAN_CRON: cron(parseRepeatedCron, 'is not like "0 */4 * * *" (minutes hours * * weekdays, at most 96 times a day)').default(
    EVERY_FOURTH_HOUR,
  ),
  JUG_SCAN_TOOL: scanTool.optional(),
};
