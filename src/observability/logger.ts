// One pino logger; secrets are cut by key and by shape before a line is written.
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { redactText } from '../core/redact.ts';

export type Log = Logger;

/** @param destination where lines go, redacted already; default standard output. */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: ['*.authorization', '*.token', '*.apiKey', '*.password', 'req.headers', '*.secret'], censor: '[secret]' },
    hooks: { streamWrite: redactText },
    serializers: { err: pino.stdSerializers.err },
  };
  return pino(options, destination);
}
