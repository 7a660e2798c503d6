// What is never done, however well it scores: policy in code. A model may name more that is wrong with an opportunity, never less. Pure.

export const LIMITS = [
  'physical presence',
  'calls and meetings',
  'signing contracts',
  'deception',
  'regulated claims',
  'harmful goods',
  'unasked mass mail',
  'collusion',
  'taking what is not ours',
  'hiring people',
] as const;
export type Limit = (typeof LIMITS)[number];

/** Told to people with the refusal. */
const WHY: Record<Limit, string> = {
  'physical presence': 'it needs somebody to be in a place',
  'calls and meetings': 'it needs phone calls or meetings',
  'signing contracts': 'it needs a contract to be signed',
  deception: 'it deceives people',
  'regulated claims': 'it makes claims that need a licence or a proof we do not have',
  'harmful goods': 'it sells what may not be sold, or not to everybody',
  'unasked mass mail': 'it writes to people who did not ask for it',
  collusion: 'it arranges prices or markets with others',
  'taking what is not ours': 'it uses what belongs to others',
  'hiring people': 'it needs people to be employed',
};

/** Phrases, not single words: a phone call is refused, "call to action" and a contract template are not. */
const PHRASES: Record<Limit, readonly RegExp[]> = {
  'physical presence': [
    /\b(in[- ]person|on[- ]site|door[- ]to[- ]door|face[- ]to[- ]face|at (the|a) customer'?s home)\b/,
    /\b(house|dog|baby|pet)[- ]?sitting\b/,
    /\b(deliver|drive|install|repair|clean|mow|move)\w*\s+(\w+\s+){0,3}(by hand|locally|at home|houses|lawns|furniture|by car)\b/,
    /\b(rent|open|staff|lease)\w*\s+(a|an|the)\s+(\w+\s+)?(shop|store|stall|office|warehouse|booth|premises)\b/,
  ],
  'calls and meetings': [
    /\b(cold|phone|sales|video|zoom|discovery)[- ]?call(s|ing)?\b/,
    /\bcall(ing)?\s+(up\s+)?(clients|customers|prospects|businesses|leads|people|shops)\b/,
    /\b(telemarketing|by phone|over the phone|on the phone|webinar hosting|live coaching|live consult\w*)\b/,
    /\b(meet|meeting)s?\s+(with\s+)?(clients|customers|prospects|investors)\b/,
  ],
  'signing contracts': [
    /\b(sign|signing|enter|entering)\s+(into\s+)?(an?|the)\s+(\w+\s+){0,2}(contract|lease|agreement|nda|franchise)\b/,
    /\b(power of attorney|personal guarantee|take out a loan|open a bank account)\b/,
  ],
  deception: [
    /\b(fake|false|paid[- ]for|invented|bought)\s+(\w+\s+)?(reviews?|testimonials?|followers|likes|ratings|profiles?|accounts?|news|scarcity)\b/,
    /\b(impersonat\w+|pretend(ing)?\s+to\s+be|pose\s+as|posing\s+as|phishing|astroturf\w*|bait and switch|deepfake\w*)\b/,
    /\b(hide|hiding|conceal\w*)\s+(that\s+)?(it|this|we|they)\s+(is|are)\s+(an?\s+)?(ad|advert\w*|ai|bot)\b/,
    /\b(counterfeit|replica)s?\b/,
    /\b(pyramid|ponzi|multi[- ]level|mlm)\b/,
  ],
  'regulated claims': [
    /\b(guarantee[ds]?|risk[- ]free)\s+(\w+\s+){0,2}(returns?|profits?|income|cure|weight loss|results)\b/,
    /\b(cures?|heals?|treats?|prevents?)\s+(\w+\s+){0,2}(cancer|diabetes|covid|depression|anxiety|illness|disease|adhd|autism)\b/,
    /\b(investment|financial|tax|legal|medical|immigration)\s+advice\b/,
    /\b(crypto|forex|trading)\s+(signals?|tips|bot)\b/,
    /\b(payday|micro)\s*loans?\b/,
  ],
  'harmful goods': [
    /\b(weapons?|guns?|ammunition|explosives?|tobacco|vapes?|cannabis|cbd|opioids?|steroids|prescription drugs?|malware|exploits?|stolen)\b/,
    /\b(gambling|casino|betting tips|lottery|sportsbook|porn\w*|escort|adult content)\b/,
    /\b(essay|thesis|homework|exam)\s+(writing|cheating|answers?)\s*(service)?\s+for\s+(students|school)\b/,
  ],
  'unasked mass mail': [
    /\b(cold|mass|bulk|unsolicited)[- ](e-?mail|mail|dm|message|outreach|sms|text)(s|ing|ed)?\b/,
    /\b(spam(ming)?|robo-?calls?|buy\w*\s+(\w+\s+)?(mailing|email|e-mail)\s+lists?)\b/,
  ],
  collusion: [/\b(price[- ]fixing|fix(ing)?\s+prices|collu(de|ding|sion)|cartel|bid rigging)\b/],
  'taking what is not ours': [
    /\b(pirated?|cracked|torrents?|copyrighted)\s+(\w+\s+)?(books?|software|movies|music|courses?|games?|keys|content)\b/,
    /\b(resell|sell|scrape|harvest)(ing)?\s+(\w+\s+)?(personal data|private data|email addresses|phone numbers|passwords)\b/,
  ],
  'hiring people': [
    /\b(hire|hiring|employ|employing|recruit|recruiting)\s+(\w+\s+){0,2}(staff|people|employees|workers|drivers|freelancers|a team)\b/,
  ],
};

export interface Breach {
  limit: Limit;
  /** For people: what is refused and why. */
  reason: string;
}

/** The first limit that the words, or the flags a source brings, run against; null when none does. */
export function findBreach(words: readonly string[], flags: readonly string[] = []): Breach | null {
  const text = words.join(' \n ').normalize('NFKC').toLowerCase().replaceAll(/[‘’]/g, "'").replaceAll(/\s+/g, ' ');
  const limit = LIMITS.find((name) => flags.includes(name) || PHRASES[name].some((phrase) => phrase.test(text)));
  return limit === undefined ? null : { limit, reason: `against our rules (${limit}): ${WHY[limit]}` };
}
