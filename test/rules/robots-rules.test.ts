// What a robots.txt lets us read: groups, longest match, wildcards, odd writing (RFC 9309 §2.2), as a table of cases.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPathAllowed, parseRobots } from '../../src/domain/tools/robots-rules.ts';

const LONGER = process.env['JUG_TEST_LONG'] === '1' ? 50 : 1;
const may = (robots: string, path: string): boolean => isPathAllowed(parseRobots(robots), new URL(path, 'http://shop.example'));
const all = (...rules: string[]): string => ['User-agent: *', ...rules].join('\n');

describe('the group that speaks to us', () => {
  test.each<[string, string, boolean]>([
    ['nothing at all', '', true],
    ['a page of HTML', '<!doctype html><p>Disallow: /</p>', true],
    ['rules before any name', 'Disallow: /', true],
    ['a group for others', 'User-agent: Otherbot\nDisallow: /', true],
    ['a group for all', all('Disallow: /'), false],
    ['a group with our name', 'User-agent: Juggernaut\nDisallow: /', false],
    ['our name in other letters and with a version', 'user-AGENT : jUGGERNAUT/0.1 # us\ndisALLOW: /', false],
    ['a name that only begins like ours', 'User-agent: Juggernautilus\nDisallow: /', true],
    ['our group before the one for all', 'User-agent: *\nDisallow: /\n\nUser-agent: juggernaut\nDisallow: /private', true],
    ['our empty group, which forbids nothing', 'User-agent: *\nDisallow: /\n\nUser-agent: juggernaut\nDisallow:', true],
    [
      'two groups of ours as one',
      'User-agent: juggernaut\nAllow: /x\nUser-agent: b\nDisallow: /\nUser-agent: juggernaut\nDisallow: /p',
      false,
    ],
    ['one group of several names', 'User-agent: a\nUser-agent: juggernaut\nDisallow: /', false],
    ['names with another record between', 'User-agent: juggernaut\nCrawl-delay: 1\nUser-agent: b\nSitemap: http://x/\nDisallow: /', false],
    ['old Mac line ends and a byte order mark', '\ufeffUser-agent: *\rDisallow: /', false],
  ])('%s', (_name, robots, allowed) => {
    expect(may(robots, '/page')).toBe(allowed);
  });
});

describe('the rule that decides', () => {
  test.each<[string[], string, boolean]>([
    [['Disallow: /a', 'Allow: /a/b'], '/a/b/c', true],
    [['Allow: /a/b', 'Disallow: /a'], '/a/c', false],
    [['Disallow: /a', 'Allow: /a'], '/a', true],
    [['Allow: /a', 'Disallow: /a'], '/a', true],
    [['Disallow: /A'], '/a', true],
    [['Disallow:'], '/a', true],
    [['Disallow: /a # not this'], '/ab', false],
    [['Disallow: /*.pdf$'], '/files/x.pdf', false],
    [['Disallow: /*.pdf$'], '/files/x.pdf?download', true],
    [['Disallow: /a$'], '/a', false],
    [['Disallow: /a$'], '/ab', true],
    [['Disallow: /a*b*c'], '/a-c-b-c', false],
    [['Disallow: /a*b*c'], '/a-c-b', true],
    [['Disallow: /a*a$'], '/a', true],
    [['Disallow: /*$'], '/a', false],
    [['Disallow: *?session='], '/a?session=1', false],
    [['Disallow: /a$b'], '/a$b', false],
    [['Disallow: a'], '/a', true],
    [['Disallow: /caf%C3%A9'], '/café', false],
    [['Disallow: /café'], '/caf%c3%a9', false],
    [['Disallow: /%7Ejoe'], '/~joe/', false],
    [['Disallow: /a%2fb'], '/a/b', true],
    [['Disallow: /a%2fb'], '/a%2Fb', false],
    [['Disallow: /'], '/robots.txt', true],
    [['Disallow: /\ud800'], '/a', true],
  ])('%j for %s: %s', (rules, path, allowed) => {
    expect(may(all(...rules), path)).toBe(allowed);
  });
});

test('any text is read, and a path is judged as an exhaustive search for its wildcards would judge it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('User-agent', ':', '*', '\n', '\r', 'Disallow: ', '/', '%', 'é', '\ud800', '#', '$') }),
      (text) => {
        may(text, '/a');
      },
    ),
    { numRuns: 50 * LONGER },
  );
  const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*', '$'), maxLength: 7 });
  fc.assert(
    fc.property(piece, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 }), (pattern, path) => {
      const end = pattern.endsWith('$');
      const source = (end ? pattern.slice(0, -1) : pattern).replaceAll('$', '\\$').replaceAll('*', '.*');
      const forbidden = new RegExp(`^/${source}${end ? '$' : ''}`).test(`/${path}`);
      expect(may(all(`Disallow: /${pattern}`), `/${path}`)).toBe(!forbidden);
    }),
    { numRuns: 200 * LONGER },
  );
});

test('hostile rules cost little: many of them, or one with very many wildcards', () => {
  const path = `/${'a'.repeat(1900)}`;
  expect(may(all(...Array.from({ length: 40_000 }, () => 'Disallow: *b')), path)).toBe(true);
  expect(may(all(`Disallow: /${'a*'.repeat(250_000)}b`), path)).toBe(true);
});
