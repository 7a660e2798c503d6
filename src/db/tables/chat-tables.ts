// Messages, their deliveries to platforms, and what was heard.
import type { Generated } from 'kysely';
import type { AnyJson, Created, Maybe, MaybeMoment } from './columns.ts';
import type { Channel, Platform } from './states.ts';

export interface ChatTables {
  message: {
    id: Generated<number>;
    channel: Channel;
    goal_id: Maybe<number>;
    key: Maybe<string>;
    card: AnyJson;
    console_only: Generated<boolean>;
    /** A card of a conversation is told where the conversation is: on this platform alone, or (null) on the console. */
    conversation_id: Maybe<number>;
    platform: Maybe<Platform>;
    version: Generated<number>;
    change: Generated<number>;
    created_at: Created;
    edited_at: MaybeMoment;
    /** The newest version whose deliveries to chat platforms are rows; see flows/deliver-messages. */
    routed_version: Generated<number>;
  };
  chat_platform: { platform: Platform; since: Created };
  chat_place: {
    platform: Platform;
    place: string;
    next_post_at: Generated<Date>;
    unreachable_since: MaybeMoment;
    why: Maybe<string>;
  };
  goal_thread: {
    goal_id: number;
    platform: Platform;
    place: string;
    thread: Maybe<string>;
    created_at: Created;
  };
  delivery: {
    id: Generated<number>;
    message_id: number;
    platform: Platform;
    /** A channel id, or `dm:` and a user id. */
    place: string;
    /** Whether it lies in its goal's thread (at the top of the channel otherwise, or as the message the thread hangs on). */
    threaded: boolean;
    /** The thread it lies in because it was asked for there. */
    own_thread: Maybe<string>;
    /** The newest version of the message there is, and the one the platform shows. */
    wanted_version: number;
    sent_version: Generated<number>;
    /** Which posting of it this is: a deleted card is posted again under another mark. */
    copy: Generated<number>;
    remote_id: Maybe<string>;
    /** The place and thread it was really posted to. */
    remote_place: Maybe<string>;
    remote_thread: Maybe<string>;
    status: Generated<'open' | 'lost'>;
    attempt: Generated<number>;
    next_at: Generated<Date>;
    leased_until: MaybeMoment;
    /** The process that streams it, which alone changes it until then, while it lives. */
    held_by: Maybe<number>;
    held_until: MaybeMoment;
    first_tried_at: MaybeMoment;
    trouble: Maybe<string>;
    created_at: Created;
  };
  heard: { platform: Platform; key: string; at: Created };
}
