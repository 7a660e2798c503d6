// Files into a thread of Slack: an address for each, the bytes to that address, and one message that shows them all.
import type { webApi } from '@slack/bolt';
import type { CardFile } from './card-files.ts';

const UPLOAD_MS = 10_000;

/** @throws Error when Slack does not take them; nothing is shown then. */
export async function attachFiles(
  client: webApi.WebClient,
  to: { place: string; thread: string },
  files: readonly CardFile[],
): Promise<void> {
  const shown = await Promise.all(files.map(async (file) => ({ id: await upload(client, file), title: file.title })));
  const [first, ...others] = shown;
  if (first === undefined) return;
  await client.files.completeUploadExternal({ files: [first, ...others], channel_id: to.place, thread_ts: to.thread });
}

async function upload(client: webApi.WebClient, { filename, bytes, altText }: CardFile): Promise<string> {
  const place = await client.files.getUploadURLExternal({
    filename,
    length: bytes.length,
    ...(altText === null ? {} : { alt_text: altText.slice(0, 1_000) }),
  });
  if (place.upload_url === undefined || place.file_id === undefined) throw new Error('Slack named no address for a file');
  // The address is Slack's own and good for this one file; our token is not sent there.
  const response = await fetch(place.upload_url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
    redirect: 'error',
    signal: AbortSignal.timeout(UPLOAD_MS),
  });
  if (!response.ok) throw new Error(`Slack did not take the file ${filename}: HTTP status ${response.status}`);
  return place.file_id;
}
