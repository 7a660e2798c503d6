// A card as the body of a call: its components, its files and its drawn chart. Nothing in it pings anybody.
import { type APIAllowedMentions, type APIAttachment, type APIContainerComponent, MessageFlags, type RawFile } from 'discord.js';
import type { Card } from '../../chat/card.ts';
import { chartAltText, drawChart } from '../chart-image.ts';
import { CARD_FILE, CHART_FILE, renderCard } from './components.ts';
import type { PublicUrl } from './markdown.ts';

export interface MessageBody {
  flags: number;
  components: [APIContainerComponent];
  attachments: Pick<APIAttachment, 'id' | 'filename' | 'description'>[];
  allowed_mentions: APIAllowedMentions;
}

export interface BuiltMessage {
  body: MessageBody;
  files: RawFile[];
}

export const NO_MENTIONS: APIAllowedMentions = { parse: [] };

/** @param mark by which the message can be found again; null for answers. */
export async function buildMessage(
  card: Card,
  options: { mark: string | null; publicUrl: PublicUrl; ephemeral?: boolean },
): Promise<BuiltMessage> {
  const altText = card.chart === undefined ? '' : chartAltText(card.chart);
  const rendered = renderCard(card, { mark: options.mark, publicUrl: options.publicUrl, altText });
  const files: RawFile[] = [];
  if (rendered.chart !== null) files.push({ name: CHART_FILE, data: await drawChart(rendered.chart), contentType: 'image/png' });
  if (rendered.text !== null) files.push({ name: CARD_FILE, data: Buffer.from(rendered.text, 'utf8'), contentType: 'text/plain' });
  return {
    files,
    body: {
      flags: MessageFlags.IsComponentsV2 | (options.ephemeral === true ? MessageFlags.Ephemeral : 0),
      components: [rendered.container],
      // Named also when empty: an edit keeps the old files otherwise.
      attachments: files.map(({ name }, id) => ({
        id: String(id),
        filename: name,
        ...(name === CHART_FILE ? { description: altText } : {}),
      })),
      allowed_mentions: NO_MENTIONS,
    },
  };
}
