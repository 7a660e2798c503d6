// Tools of others that act outside may write to people: every mail address in their arguments, and whoever a field of theirs names as the
// receiver, is held to the rules of outreach,
// when the call is judged, when it is checked again, and, written down first, just before it is made.
import type { Json } from '../core/canonical-json.ts';
import { InvalidInput } from '../core/errors.ts';
import { type Database, type DatabaseOrTrx, inTransaction } from '../db/database.ts';
import { readSigningKey } from '../domain/orders/order-store.ts';
import { contactHash, findContacts, findReceivers, judgeOutreach, MOST_A_DAY, maskContact } from '../domain/outreach/outreach.ts';
import { addContacts, lockOutreach, readContactFacts } from '../domain/outreach/outreach-store.ts';
import type { Mode, Tool, ToolContext } from '../domain/tools/tool.ts';

interface Contact {
  hash: string;
  shown: string;
}

interface Allowed {
  contacts: Contact[];
  /** How many of them never heard from us. */
  fresh: number;
}

/** @throws InvalidInput for the first whom the rules forbid. @param own the call that is asked about: what it wrote down itself does not count */
async function check(db: DatabaseOrTrx, mode: Mode, contacts: readonly Contact[], at: { now: Date; own: number }): Promise<Allowed> {
  if (contacts.length > MOST_A_DAY)
    throw new InvalidInput(`It names ${contacts.length} people; at most ${MOST_A_DAY} a day are written to.`);
  let fresh = 0;
  for (const [index, contact] of contacts.entries()) {
    const facts = await readContactFacts(db, mode, contact.hash, at.own);
    const refusal = judgeOutreach({ ...facts, recent: facts.recent + index }, at.now);
    if (refusal !== null) throw new InvalidInput(`${contact.shown}: ${refusal}`);
    if (facts.lastAt === null) fresh += 1;
  }
  return { contacts: [...contacts], fresh };
}

/** @param ours text with addresses of our own, which are nobody else's */
export function guardOutreach<Input extends Json>(db: Database, tool: Tool<Input>, ours: string): Tool<Input> {
  const own = new Set(findContacts(ours));
  const network = tool.name.split('__')[0] ?? tool.name;
  const contactsOf = async (input: Input): Promise<Contact[]> => {
    const found = [...new Set([...findContacts(JSON.stringify(input)), ...findReceivers(input, network)])].filter(
      (contact) => !own.has(contact),
    );
    if (found.length === 0) return [];
    const secret = await readSigningKey(db);
    return found.map((contact) => ({ hash: contactHash(secret, contact), shown: maskContact(contact) }));
  };
  const at = (context: ToolContext) => ({ now: context.now(), own: context.toolCallId });
  return {
    ...tool,
    quote: async (input, context) => {
      const contacts = await contactsOf(input);
      const quote = await tool.quote(input, context);
      if (contacts.length === 0) return quote;
      const { fresh } = await check(db, context.mode, contacts, at(context));
      const first = fresh === 0 ? '' : ` First contact with ${fresh} of them: read every word.`;
      const named = `It names ${contacts.length} ${contacts.length === 1 ? 'person' : 'people'}.`;
      return { ...quote, ...(fresh === 0 ? {} : { review: true as const }), effect: `${quote.effect} ${named}${first}` };
    },
    run: async (input, context) => {
      const contacts = await contactsOf(input);
      if (contacts.length > 0)
        try {
          await inTransaction(db, async (trx) => {
            await lockOutreach(trx, context.mode);
            await check(trx, context.mode, contacts, at(context));
            await addContacts(
              trx,
              context.mode,
              context.toolCallId,
              contacts.map(({ hash }) => hash),
            );
          });
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error;
          return { ok: false, error: error.reply, retryable: false };
        }
      return tool.run(input, context);
    },
  };
}
