// The kinds of field commands share, so that every surface asks for them alike.
import { z } from 'zod';
import { parseUsd } from '../core/money.ts';

/** An id as people type it: 17 or #17. */
export const idField = (what: string) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^#?\d{1,15}$/)
          .transform((text) => Number(text.replace('#', ''))),
      ],
      `must be the number of ${what}`,
    )
    .pipe(z.number().int().positive())
    .describe(`number of ${what}`);

/** Dollars as people type them; micro-dollars come out. */
export const amountField = (what: string) =>
  z
    .union([z.string(), z.number().transform(String)])
    .transform((text, context) => {
      try {
        return parseUsd(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not an amount in dollars, like 50 or 12.50' });
        return z.NEVER;
      }
    })
    .describe(what);

/** Sentences: takes all the words behind it. */
export const wordsField = (what: string, max = 2000) => z.string().trim().min(1).max(max).describe(what).meta({ words: true });

export const wholeField = (what: string, min: number, max: number) => z.coerce.number().int().min(min).max(max).describe(what);

/** A date or moment as people type it; one without a time means the start of that day, UTC. */
export const dateField = (what: string) =>
  z
    .string()
    .transform((text, context) => {
      const trimmed = text.trim();
      // "Until the 31st" means the end of that day.
      const whole = /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? `${trimmed}T23:59:59Z` : trimmed;
      const moment = /^\d{4}-\d{2}-\d{2}/.test(whole) ? new Date(whole) : new Date(Number.NaN);
      if (!Number.isNaN(moment.getTime())) return moment;
      context.addIssue({ code: 'custom', message: 'is not a date like 2026-12-31' });
      return z.NEVER;
    })
    .describe(what);

/** A day of the calendar, as written; which moments it holds, the books' time zone says. */
export const dayField = (what: string) =>
  z
    .string()
    .trim()
    .refine((text) => {
      const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(text) : new Date(Number.NaN);
      return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
    }, 'is not a day like 2026-12-31')
    .describe(what);
