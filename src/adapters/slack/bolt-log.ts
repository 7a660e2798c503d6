// Bolt's and the Web API's own lines in our log. Their debug lines hold whole payloads, so nothing below a warning is passed on.
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../observability/logger.ts';

export function createBoltLog(log: Log): Logger {
  const say = (...parts: unknown[]): void => {
    const error = parts.find((part) => part instanceof Error);
    const words = parts.filter((part) => typeof part === 'string').join(' ');
    // Their errors are mostly outages, which health tells; what breaks in our own code is logged where it happens.
    log.warn(error === undefined ? { from: 'slack' } : { from: 'slack', err: error }, words === '' ? 'Slack library' : words);
  };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: say,
    error: say,
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
