// What secrets look like: the formats of well-known keys, each anchored at a literal prefix so that a scan stays linear.
// A shape with a `$1` keeps what stands before the secret (a key's name, a URL's user) readable.

export interface Shape {
  pattern: RegExp;
  replacement: string;
}

/** What stands in for a secret. */
export const MASK = '[secret]';

/** Keys with a prefix of their own. Bounded repeats: a hostile line can't make a scan quadratic. */
const PREFIXED = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek; a capital or a digit tells a key from `sk-learn-based-words`.
  /sk-(?=[a-z_-]{0,60}[A-Z0-9])[\w-]{16,300}/,
  /[srp]k_(?:live|test|prod)_\w{8,255}/,
  /whsec_[\w+/=-]{16,255}/,
  /xox[a-z](?:\.xox[a-z])?-[\w-]{10,300}/,
  /xapp-\d-[\w-]{10,300}/,
  /gh[pousr]_[A-Za-z0-9]{20,255}/,
  /github_pat_\w{20,255}/,
  /gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[\w-]{20,300}/,
  /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}/,
  /AIza[\w-]{30,60}/,
  /GOCSPX-[\w-]{20,60}/,
  /ya29\.[\w-]{20,500}/,
  // JWT: two JSON objects, whose base64 begins with `{"`.
  /ey[IJ][\w-]{8,4000}\.ey[IJ][\w-]{4,8000}(?:\.[\w-]{0,2000})?/,
  /SG\.[\w-]{16,40}\.[\w-]{16,80}/,
  /SK[0-9a-f]{32}/,
  /key-[0-9a-f]{32}/,
  /hf_[A-Za-z0-9]{30,60}/,
  /shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}/,
  /do[opr]_v1_[0-9a-f]{64}/,
  /sq0[a-z]{3}-[\w-]{20,60}/,
  /pypi-[\w-]{50,300}/,
  /npm_[A-Za-z0-9]{36}/,
  /lin_(?:api|oauth)_[A-Za-z0-9]{30,70}/,
  /ntn_[A-Za-z0-9]{40,60}/,
  /secret_[A-Za-z0-9]{40,60}/,
  /fig[du]_[\w-]{36,60}/,
  /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/,
  /dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,80}/,
  /dapi[0-9a-f]{32}/,
  /gl(?:sa|c)_[\w=+/]{20,300}/,
  /NRAK-[A-Z0-9]{27}/,
  /sntry[su]_[\w=+/]{40,300}/,
  /ATATT3[\w=-]{60,300}/,
  /hv[sbr]\.[\w-]{24,300}/,
  /sbp_[0-9a-f]{40}/,
  /pscale_(?:tkn|pw|oauth)_[\w.=-]{30,80}/,
  /gsk_[A-Za-z0-9]{40,80}/,
  /xai-[A-Za-z0-9]{40,100}/,
  /pplx-[A-Za-z0-9]{40,80}/,
  /r8_[A-Za-z0-9]{30,60}/,
  /tvly-[\w-]{20,60}/,
  /AGE-SECRET-KEY-1[A-Z0-9]{50,70}/,
  /EAA[A-Za-z0-9]{60,400}/,
];

/** Discord: a base64 user id, a short time, a signature. Telegram: a number, a colon, AA. */
const DISCORD_TOKEN = /[MNO][\w-]{22,28}\.[\w-]{6,7}\.[\w-]{27,45}/;
const TELEGRAM_TOKEN = /\d{8,10}:AA[\w-]{32,36}/;

const KEY_BLOCK =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-"'\\]|-(?!----END)|\\+[nrt]){0,20000}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g;
const URL_PASSWORD = /(:\/\/[^\s:@/"'\\]{0,200}:)(?!\[secret\]@)[^\s@/"'\\]{1,500}(?=@)/g;
const WEBHOOK_URL =
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{1,20}\/)[\w/-]{10,200}/g;
/** A digit, or so long that no word of prose can be meant: `Bearer authentication` stays. */
const SCHEME =
  /(?:\b|(?<=\\[bfnrt]|\\u[0-9A-Fa-f]{4}))((?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s{1,4})(?=[a-z._~+/=-]{0,200}[A-Z0-9]|[\w.~+/=-]{24})[\w.~+/=-]{8,4000}/g;

const NAME =
  '(?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|(?:secret|private|account|signing|encryption|auth)[_-]?key|credentials?|authorization|cookie)';
const UNMASKED = String.raw`(?!\[secret\])`;
/** `"password":"…"`, also inside a JSON string that is itself quoted (`\"password\":\"…\"`). */
const QUOTED_VALUE = new RegExp(
  String.raw`(${NAME}(?:\\*["'])?\s{0,3}[:=]\s{0,3}\\*["'])${UNMASKED}(?!\d{1,9}\\*["'])[^"'\\\n]{6,2000}`,
  'gi',
);
/** `API_KEY=…`, `?token=…`; not a plain count like `token=1024`. */
const ASSIGNED_VALUE = new RegExp(String.raw`(${NAME}=)${UNMASKED}(?!\d{1,9}\.?(?:[\s"'\\,;&)\]}<]|$))[^\s"'\\,;&)\]}<]{6,2000}`, 'gi');
/** `password: …` in running text: only with a digit or a sign inside, so that `Password: required` stays. */
const SAID_VALUE = new RegExp(
  String.raw`(${NAME}:\s{0,3})${UNMASKED}(?!\d{1,9}\.?(?:[\s"'\\,;&)\]}<]|$))(?=[A-Za-z]{0,60}[^\sA-Za-z"'\\,;.)\]}])[^\s"'\\,;)\]}<]{6,2000}`,
  'gi',
);

const BEFORE = '(?<![A-Za-z0-9])';

/** With `anywhere` the prefixes also count inside a word, as needed in decoded text, where what stands before is noise. */
function keyPattern(anywhere: boolean): RegExp {
  return new RegExp(
    `${anywhere ? '' : BEFORE}(?:${[...PREFIXED, DISCORD_TOKEN, TELEGRAM_TOKEN].map(({ source }) => source).join('|')})`,
    'g',
  );
}

export const KEYS = keyPattern(false);
const KEYS_ANYWHERE = keyPattern(true);

/** Each behind the cheap test that says whether the text can hold it at all. */
export const NAMED_SHAPES: readonly { hint: RegExp; shapes: readonly Shape[] }[] = [
  { hint: /PRIVATE KEY/, shapes: [{ pattern: KEY_BLOCK, replacement: MASK }] },
  {
    hint: /:\/\//,
    shapes: [
      { pattern: URL_PASSWORD, replacement: `$1${MASK}` },
      { pattern: WEBHOOK_URL, replacement: `$1${MASK}` },
    ],
  },
  { hint: /bearer|basic/i, shapes: [{ pattern: SCHEME, replacement: `$1${MASK}` }] },
  {
    hint: /pass|pwd|secret|token|key|credential|auth|cookie/i,
    shapes: [QUOTED_VALUE, ASSIGNED_VALUE, SAID_VALUE].map((pattern) => ({ pattern, replacement: `$1${MASK}` })),
  },
];

/** Whether decoded text holds a secret, wherever it begins. */
export function looksSecret(text: string): boolean {
  const found = (pattern: RegExp): boolean => {
    pattern.lastIndex = 0;
    return pattern.test(text);
  };
  return found(KEYS_ANYWHERE) || NAMED_SHAPES.some(({ hint, shapes }) => hint.test(text) && shapes.some(({ pattern }) => found(pattern)));
}
