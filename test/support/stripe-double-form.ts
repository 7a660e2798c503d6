// Stripe's way to write a request: nested fields as a[b][0]=c, in the body or behind the question mark.

export type Form = { [key: string]: string | Form };

export function parseForm(text: string): Form {
  const form: Form = {};
  for (const [path, value] of new URLSearchParams(text)) {
    const keys = path.split('[').map((key) => key.replace(/\]$/, ''));
    let place: Form = form;
    keys.forEach((key, index) => {
      const name = key === '' ? String(Object.keys(place).length) : key;
      if (index === keys.length - 1) place[name] = value;
      else {
        const next = place[name];
        const inner: Form = typeof next === 'object' ? next : {};
        place[name] = inner;
        place = inner;
      }
    });
  }
  return form;
}

export const text = (form: Form, key: string): string | undefined => {
  const value = form[key];
  return typeof value === 'string' ? value : undefined;
};

export const group = (form: Form, key: string): Form => {
  const value = form[key];
  return typeof value === 'object' ? value : {};
};

export const flat = (form: Form): Record<string, string> =>
  Object.fromEntries(Object.entries(form).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

export const values = (form: Form, key: string): string[] => Object.values(flat(group(form, key)));
