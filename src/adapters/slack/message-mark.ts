// How a message of ours is known again: by its mark in the metadata, and while it is streamed by the id of a block.
const EVENT_TYPE = 'juggernaut';

interface Marked {
  metadata?: { event_type?: string; event_payload?: unknown };
  blocks?: { block_id?: string }[];
}

/** @param files names the files that lie beside the message. */
export const metadataOf = (mark: string, files?: string) => ({
  event_type: EVENT_TYPE,
  event_payload: { mark, ...(files === undefined ? {} : { files }) },
});

/** A message that is being streamed takes no metadata before it ends. */
export const markBlockId = (mark: string): string => `jug-mark:${mark}`;

export function isMarked(message: Marked, mark: string): boolean {
  return payloadOf(message)?.mark === mark || (message.blocks ?? []).some((block) => block.block_id === markBlockId(mark));
}

export const filesOf = (message: Marked): string | null => payloadOf(message)?.files ?? null;

function payloadOf({ metadata }: Marked): { mark?: string; files?: string } | null {
  return metadata?.event_type === EVENT_TYPE ? ((metadata.event_payload ?? null) as { mark?: string; files?: string } | null) : null;
}
