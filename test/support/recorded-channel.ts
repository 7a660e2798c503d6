// A chat platform that only records: what was posted and edited where, and, when told so, how it failed.
import { type ChatChannel, DeliveryTrouble, type Letter, type Spot } from '../../src/chat/channel.ts';
import type { Platform } from '../../src/db/tables/states.ts';

export interface RecordedMessage {
  remoteId: string;
  spot: Spot;
  mark: string;
  titles: string[];
  postedAt: number;
  editedAt: number[];
  deleted: boolean;
}

export interface RecordedChannel extends ChatChannel {
  messages: RecordedMessage[];
  threads: { under: string; title: string }[];
  /** Decides how the next calls fail; undefined lets them pass. `lost` does the thing and loses the answer. */
  trouble: ((call: 'post' | 'edit' | 'find', spot: Spot) => DeliveryTrouble | 'lost' | undefined) | null;
}

export function createRecordedChannel(platform: Platform): RecordedChannel {
  let serial = 0;
  const lost = (): DeliveryTrouble => new DeliveryTrouble('later', 'the line was cut');
  const channel: RecordedChannel = {
    platform,
    messages: [],
    threads: [],
    trouble: null,
    post: async (spot, letter) => {
      const trouble = channel.trouble?.('post', spot);
      if (trouble instanceof DeliveryTrouble) throw trouble;
      serial += 1;
      const remoteId = `r${serial}`;
      channel.messages.push({
        remoteId,
        spot,
        mark: letter.mark,
        titles: [letter.card.title],
        postedAt: performance.now(),
        editedAt: [],
        deleted: false,
      });
      if (trouble === 'lost') throw lost();
      return remoteId;
    },
    edit: async (spot, remoteId, letter: Letter) => {
      const trouble = channel.trouble?.('edit', spot);
      if (trouble instanceof DeliveryTrouble) throw trouble;
      const message = channel.messages.find((one) => one.remoteId === remoteId && !one.deleted);
      if (message === undefined) throw new DeliveryTrouble('gone', 'the message was deleted');
      message.titles.push(letter.card.title);
      message.editedAt.push(performance.now());
      if (trouble === 'lost') throw lost();
    },
    find: async (spot, { mark }) => {
      const trouble = channel.trouble?.('find', spot);
      if (trouble instanceof DeliveryTrouble) throw trouble;
      return channel.messages.find((one) => one.mark === mark && !one.deleted)?.remoteId ?? null;
    },
    openThread: async (_spot, remoteId, title) => {
      channel.threads.push({ under: remoteId, title });
      return `thread-${remoteId}`;
    },
    directPlace: async (userId) => `D-${userId}`,
  };
  return channel;
}
