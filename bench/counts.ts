// Options of a benchmark that are whole numbers: `--seeds 1000`.
import { BenchInput } from './report.ts';

/** Every option with its default. @throws BenchInput for an unknown option, or a value that is no whole number from 1 on */
export function readCounts<Name extends string>(words: readonly string[], defaults: Record<Name, number>): Record<Name, number> {
  const counts = { ...defaults };
  const named = new Map<string, Name>((Object.keys(defaults) as Name[]).map((name) => [`--${name}`, name]));
  for (let index = 0; index < words.length; index += 2) {
    const [option = '', value = ''] = words.slice(index, index + 2);
    const name = named.get(option);
    if (name === undefined) throw new BenchInput(`"${option}" is no option here: ${[...named.keys()].join(', ')}`);
    if (!/^[1-9]\d{0,8}$/.test(value)) throw new BenchInput(`${option} needs a whole number from 1 on, not "${value}"`);
    counts[name] = Number(value);
  }
  return counts;
}
