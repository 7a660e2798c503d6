// The shape of a console page: from a request to its parts.
import type { Context } from 'hono';
import type { Database } from '../../db/database.ts';
import { readCount } from '../http/api-routes.ts';
import type { Frame, Section } from './layout.ts';
import type { Html } from './markup.ts';

export interface Page {
  title: string;
  section: Section;
  /** Which news make the page fetch itself again: `any`, `goal:3`, `none`. */
  live: string;
  body: Html;
}

/** Null means there is no such thing. */
export type Build = (c: Context, frame: Frame, db: Database) => Promise<Page | Response | null>;

/** A whole number from the query; anything else counts as absent. */
export function countOf(c: Context, name: string): number | null {
  const value = readCount(c.req.query(name));
  return Number.isNaN(value) ? null : value;
}

/** The number in the path; -1, which nothing has, when it is none. */
export function idOf(c: Context): number {
  const id = readCount(c.req.param('id'));
  return id === null || Number.isNaN(id) ? -1 : id;
}
