// What of a processor's event is personal: taken out when a customer is erased; ids, amounts and our own metadata stay for the books. Pure.
import type { Json } from '../../core/canonical-json.ts';

const PERSONAL =
  /^(name|email|phone|address|line[12]|city|postal_code|state|ip|ip_address|receipt_email|receipt_url|hosted_invoice_url|customer_(email|name|phone|address|details)|billing_details|shipping|shipping_(address|details)|individual|description|statement_descriptor_suffix|payment_method_details|custom_fields|collected_information)$/;

/** A copy without personal fields, however deep; what stays is as it was. */
export function withoutPersonal(body: Json): Json {
  if (Array.isArray(body)) return body.map(withoutPersonal);
  if (typeof body !== 'object' || body === null) return body;
  const kept = Object.entries(body).map(([name, value]): [string, Json] => [name, PERSONAL.test(name) ? null : withoutPersonal(value)]);
  return Object.fromEntries(kept);
}

const LONGEST = 200;

/** A stranger's text as it is kept: one line, bounded; null when nothing is left. */
export function asPersonal(text: string | null | undefined): string | null {
  const line = (text ?? '').toWellFormed().replaceAll('\u0000', '').replace(/\s+/g, ' ').trim().slice(0, LONGEST);
  return line === '' ? null : line;
}
