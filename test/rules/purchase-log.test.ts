// The purchase log of `npm run bench -- ltv`: read as shops export it, cut into two halves of time, refused in words where it cannot be.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benchLtv, cutInHalves } from '../../bench/ltv.ts';
import { readPurchases } from '../../bench/purchase-log.ts';
import { exponential, randomFrom } from '../../src/core/random.ts';

const DAY = 10_227;
const said = [
  { customer: 'a-1', day: DAY, quantity: 1, amount: 11.77 },
  { customer: 'Özil', day: DAY + 1, quantity: 2, amount: 1234.5 },
];

test.each([
  { what: 'as promised', text: 'customer,date,quantity,amount\na-1,19980101,1,11.77\nÖzil,19980102,2,1234.50\n' },
  { what: 'without a header, Windows lines and a blank one', text: 'a-1,19980101,1,11.77\r\n\r\nÖzil,19980102,2,1234.5' },
  { what: 'by spaces', text: '  a-1 19980101  1  11.77\nÖzil 19980102 2 1234.50\n' },
  {
    what: 'semicolons, a licence and a mark of bytes',
    text: '\uFEFF# MIT\nCustomer ID;Date;Qty;Revenue\na-1;1998-01-01;1;11.77\nÖzil;1998-01-02 10:30;2;"$1,234.50"',
  },
  { what: 'other order of columns', text: 'date,amount,customer_id,quantity\n19980101,11.77,a-1,1\n"19980102","1234.50","Özil","2"' },
  { what: 'a second number of the customer before the date', text: 'a-1 77 19980101 1 11.77\nÖzil 78 19980102 2 1234.50' },
])('a log is read $what', ({ text }) => {
  expect(readPurchases(text)).toEqual(said);
});

test.each([
  { text: '', says: 'the file is empty' },
  { text: 'customer,date,quantity,amount\n', says: 'a header and no purchases' },
  { text: 'customer,date,quantity,amount\nc1,yesterday,1,2', says: 'no column holds a date' },
  { text: 'c1,19980101,1,2\nc2,19981301,1,2', says: 'line 2: no date' },
  { text: 'c1,19980101,1,2\n\n,19980102,1,2', says: 'line 3: no customer' },
  { text: 'c1,19980101,1,2\nc1,19980102,1,two', says: 'line 2: no number' },
])('what cannot be read is named: $says', ({ text, says }) => {
  expect(() => readPurchases(text)).toThrow(says);
});

test('the halves: purchases of a day are one, returns are none, whoever comes later is not foreseen', () => {
  const row = (customer: string, day: number, amount = 10) => ({ customer, day, quantity: Math.sign(amount), amount });
  const { customers, calibration, holdout } = cutInHalves([
    row('a', 0),
    row('a', 7, 4),
    row('a', 7, 6),
    row('a', 9, -5),
    row('a', 20),
    row('a', 28),
    row('b', 14),
    row('late', 15),
  ]);
  expect([calibration, holdout]).toEqual([2, 2]);
  expect(customers).toEqual([
    { repeats: 1, recency: 1, age: 2, mean: 10, later: 2, laterAmount: 20 },
    { repeats: 0, recency: 0, age: 0, mean: null, later: 0, laterAmount: 0 },
  ]);
  expect(() => cutInHalves([row('a', 1), row('b', 1)])).toThrow('less than three days');
});

test('the report holds what the contract promises; a log nobody came back in is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jug-ltv-'));
  const write = (name: string, rows: string[]): string => {
    writeFileSync(join(folder, name), rows.join('\n'));
    return join(folder, name);
  };
  const dated = (day: number): string => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
  const random = randomFrom(4);
  const rows = Array.from({ length: 300 }, (_, index) => {
    const lines: string[] = [];
    const gap = exponential(random, 40) + 2;
    for (let day = index % 30; day < 300; day += 1 + exponential(random, gap)) lines.push(`c${index},${dated(day)},1,${5 + 20 * random()}`);
    return lines;
  }).flat();
  const { json } = await benchLtv([write('shop.csv', rows)]);
  for (const name of ['r', 'alpha', 'a', 'b', 'logLikelihood', 'holdoutCorrelation']) expect(json[name]).toEqual(expect.any(Number));
  expect(json['holdoutCorrelation']).toBeGreaterThan(0.5);
  await expect(benchLtv([write('once.csv', ['a,20260101,1,1', 'b,20260201,1,1'])])).rejects.toThrow('nobody came back');
  await expect(benchLtv([])).rejects.toThrow('one file is needed');
  await expect(benchLtv([join(folder, 'none.csv')])).rejects.toThrow('cannot be read');
});
