// Customers as people read them: every figure with its range and from how many rows it comes; too few customers are told, not counted.
import { COHORT_DAYS, LONGEST_PAYBACK_DAYS } from '../../domain/value/acquisition.ts';
import type { Estimate } from '../../domain/value/interval.ts';
import { LEAST_BUYERS, VALUE_DAYS } from '../../domain/value/lifetime-value.ts';
import type { CustomerFacts } from '../../flows/read-customers.ts';
import type { Card } from '../card.ts';

const dollars = (value: number): string =>
  `${value < 0 ? '-' : ''}$${Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
const ranged = ({ value, low, high }: Estimate, words: (value: number) => string): string =>
  `${words(value)} (95 %: ${words(low)} to ${words(high)})`;

/** Label and words, one line each; nothing where there is no customer and no spend. */
export function customerFields(facts: CustomerFacts): NonNullable<Card['fields']> {
  const { customers, cost, spentUsd, conversion, visitors } = facts;
  if (customers === 0 && spentUsd === 0) return [];
  return [
    { label: 'Customers', value: countWords(facts) },
    { label: `Value of a customer (LTV, ${VALUE_DAYS} days)`, value: valueWords(facts) },
    {
      label: 'Cost of a customer (CAC)',
      value:
        cost === null
          ? `none: ${dollars(spentUsd)} spent, no new customer`
          : `${ranged(cost, dollars)}: ${dollars(spentUsd)} of offer, model and tool spend ÷ ${customers} new customers`,
    },
    { label: 'Payback', value: paybackWords(facts) },
    {
      label: 'Conversion',
      value:
        conversion === null
          ? 'unknown: no visitors measured here'
          : `${ranged(conversion, percent)}: ${customers} of ${visitors.toLocaleString('en-US')} visitors`,
    },
  ];
}

function countWords({ customers, sampled, returned, repeatRate, value }: CustomerFacts): string {
  if (repeatRate === null) return customers === 0 ? '0' : `${customers}, none with a dated payment`;
  const of = sampled < customers ? `; figures from a sample of ${sampled}` : '';
  const active = value === null || value.active === null ? '' : `; likely still active: ${percent(value.active)}`;
  return `${customers}; ${returned}${sampled < customers ? ` of ${sampled}` : ''} came back, smoothed ${ranged(repeatRate, percent)}${active}${of}`;
}

function valueWords({ value, sampled, cost }: CustomerFacts): string {
  if (value === null) return `too few to say: ${sampled} customers, ${LEAST_BUYERS} are needed`;
  const ratio = cost === null || cost.value <= 0 ? '' : `; ${(value.value.value / cost.value).toFixed(1)} × the cost of one`;
  return `${ranged(value.value, dollars)}, net of refunds and fees${ratio}. ${value.why}`;
}

function paybackWords({ value, cost, payback }: CustomerFacts): string {
  if (value === null || cost === null) return 'unknown';
  if (payback === 0) return 'at the first purchase';
  return payback === null ? `not within ${LONGEST_PAYBACK_DAYS} days` : `after ${payback} days`;
}

/** Who came back in which period after their first purchase; blank where it is not over for all of them. */
export function cohortTable({ cohorts, slice }: CustomerFacts): NonNullable<Card['table']> {
  const periods = Math.max(0, ...cohorts.map(({ shares }) => shares.length));
  const dayName = (day: number): string =>
    slice.mode === 'practice' ? `day ${day}` : new Date(day * 86_400_000).toISOString().slice(0, 10);
  return {
    columns: [
      'First bought from',
      'Customers',
      ...Array.from({ length: periods }, (_, period) => `days ${period * COHORT_DAYS + 1}-${(period + 1) * COHORT_DAYS}`),
    ],
    rows: cohorts.map(({ from, customers, shares }) => [
      dayName(from),
      String(customers),
      ...Array.from({ length: periods }, (_, period) => {
        const share = shares[period];
        return share === undefined ? '' : percent(share);
      }),
    ]),
  };
}
