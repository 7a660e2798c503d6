// The kinds of column: *_micros columns are bigint, ids are numbers, a JSON column is written as text.
import type { ColumnType, JSONColumnType } from 'kysely';
import type { Json } from '../../core/canonical-json.ts';

export type Mode = 'practice' | 'live';
export type Created = ColumnType<Date, Date | undefined, never>;
export type Moment = ColumnType<Date, Date | undefined>;
export type MaybeMoment = ColumnType<Date | null, Date | null | undefined>;
export type Money = ColumnType<bigint, bigint | undefined>;
export type Maybe<T> = ColumnType<T | null, T | null | undefined>;
export type Jsonb<T> = JSONColumnType<T & object>;
export type AnyJson = ColumnType<Json, string, string>;
export type MaybeJson = ColumnType<Json | null, string | null | undefined>;
