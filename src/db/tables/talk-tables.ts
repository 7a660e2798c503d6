// Conversations, their messages, and what is remembered.
import type { Generated } from 'kysely';
import type { Created, Jsonb, Maybe, MaybeMoment, Mode, Moment } from './columns.ts';
import type { AnswerStatus, Platform } from './states.ts';

export interface TalkTables {
  conversation: {
    id: Generated<number>;
    mode: Mode;
    surface: 'console' | Platform;
    place: Maybe<string>;
    thread: Maybe<string>;
    goal_id: Maybe<number>;
    person: string;
    title: string;
    /** What was said up to the message `summarised_to`, in short; the messages stay. */
    summary: Maybe<string>;
    summarised_to: Maybe<number>;
    created_at: Created;
    last_at: Moment;
  };
  conversation_message: {
    id: Generated<number>;
    conversation_id: number;
    role: 'person' | 'agent';
    status: AnswerStatus | 'said';
    reply_to: Maybe<number>;
    /** Who said it; of an answer, who is answered. */
    platform_id: string;
    surface: string;
    text: Generated<string>;
    model: Maybe<string>;
    input_tokens: Maybe<number>;
    output_tokens: Maybe<number>;
    steps: Generated<number>;
    records: Jsonb<object[]>;
    tainted: Generated<boolean>;
    error: Maybe<string>;
    process_id: Maybe<number>;
    cancelled_by: Maybe<string>;
    /** Only for whoever asked, who waits for it: no card of it is posted. */
    aside: Generated<boolean>;
    created_at: Created;
    ended_at: MaybeMoment;
  };
  memory_fact: {
    id: Generated<number>;
    mode: Mode;
    kind: 'measured' | 'told' | 'assumed';
    scope: 'team' | 'person' | 'goal';
    goal_id: Maybe<number>;
    person: Maybe<string>;
    text: string;
    source_kind: string;
    source_id: number;
    told_by: string;
    tainted: boolean;
    created_at: Created;
    forgotten_at: MaybeMoment;
    forgotten_by: Maybe<string>;
    /** The words it is found by; PostgreSQL keeps it. */
    search: Generated<string>;
  };
}
