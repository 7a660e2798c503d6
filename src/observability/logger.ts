// One pino logger; secrets are cut by key and by shape before a line is written.
import { type Logger, pino } from 'pino';
import { redactText } from '../core/redact.ts';

export type Log = Logger;

export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    redact: { paths: ['*.authorization', '*.token', '*.apiKey', '*.password', 'req.headers', '*.secret'], censor: '[secret]' },
    hooks: { streamWrite: redactText },
    serializers: { err: pino.stdSerializers.err },
  });
}
