// Which SQL of a model is run: one query whose result comes from rows alone.
import { expect, test } from 'vitest';
import { findQueryFault } from '../../src/domain/tools/data-query.ts';

test.each([
  'select offer_id, sum(amount) from orders group by offer_id order by sum desc limit 5',
  `select count(*) from orders where status = 'paid' and amount > 10.5`,
  `with late as (select id from orders where deliver_by < now() - interval '2 days') select count(*) as late from late;`,
  `select date_trunc('week', paid_at) as week, round(avg(amount), 2) from orders where launch_id in (1, 2, 3) group by week`,
  'select l.name, coalesce(sum(o.amount), 0) as revenue from launches l left join orders o on o.launch_id = l.id group by l.name',
  `select name from launches where name like '%; drop table%' and days between 1 and 5`,
])('%s is run', (query) => {
  expect(findQueryFault(query)).toBeNull();
});

test.each([
  ['5000', 'select 5000 as revenue from orders'],
  ['reckoned', 'select count(*) * 100 from orders'],
  ['compared and shown', 'select greatest(5000, amount) from orders'],
  ['a case', 'select case when amount > 1 then 5000 end from orders'],
  ['a text', `select 'revenue is up' as note from orders`],
  ['a cast text', `select '5000'::int from orders`],
  ['coalesced', 'select coalesce(amount, 5000) from orders'],
  ['values', 'values (5000)'],
  ['a table of values', 'select * from (values (5000)) as v'],
  ['a series', 'select count(*) from generate_series(1, 5000)'],
  ['a length', `select length(name) from launches`],
  ['a name with digits', 'select amount as revenue5000 from orders'],
  ['a quoted name', 'select amount as "revenue 5000" from orders'],
  ['two statements', 'select id from orders; delete from orders'],
  ['an update', `update orders set amount = 1`],
  ['a write in a query', `with x as (delete from orders returning id) select id into y from x`],
  ['a comment', 'select id /* 5000 */ from orders'],
  ['another comment', 'select id from orders -- 5000'],
  ['a dollar quote', 'select $$5000$$ from orders'],
  ['an escape', `select E'a\\'b' from orders`],
  ['a unicode name', `select U&"p\\0067_sleep"(1)`],
  ['a role', `select set_config('role', 'juggernaut', false)`],
  ['a nested query', `select query_to_xml('select * from public.access_token', true, true, '')`],
  ['a file', `select pg_read_file('/etc/passwd')`],
  ['a signal', `select pg_notify('jug_control', 'x')`],
  ['a lock', 'select pg_advisory_lock(id) from orders'],
  ['a row lock', 'select id from orders for update'],
  ['memory', `select repeat(name, days) from launches`],
  ['show', 'show all'],
  ['copy', `copy orders to program 'id'`],
])('%s is refused: %s', (_what, query) => {
  expect(findQueryFault(query)).toEqual(expect.any(String));
});
