#!/usr/bin/env node
// After `npm install NAME`: adds the lock entries of optional platform packages that the registry at hand does not carry.
// npm leaves them out when it cannot fetch them, and `npm ci` (npm 11) then refuses the lock on every machine.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const SYSTEMS = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openharmony'];
const CPUS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const packages = lock.packages;
let added = 0;

for (const [path, entry] of Object.entries({ ...packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (packages[place] !== undefined || packages[`${path}/node_modules/${name}`] !== undefined) continue;
    packages[place] = platformEntry(name, version);
    added += 1;
  }
}

/** What npm would have written, but for the integrity that only a registry with the package could tell. */
function platformEntry(name, version) {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((one) => words.includes(one));
  const cpu = CPUS.find((one) => words.includes(one));
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+/.test(version)) throw new Error(`cannot place ${name}@${version}`);
  const sibling =
    Object.entries(packages).find(([key, one]) => one.optional && key.startsWith(`node_modules/${name.split('/')[0]}/`))?.[1] ?? {};
  const musl = words.some((word) => word.startsWith('musl'));
  const libc = musl ? { libc: ['musl'] } : os === 'linux' && sibling.libc !== undefined ? { libc: ['glibc'] } : {};
  const engines = sibling.engines === undefined ? {} : { engines: sibling.engines };
  const license = sibling.license === undefined ? {} : { license: sibling.license };
  return { version, cpu: [cpu], dev: true, ...libc, ...license, optional: true, os: [os], ...engines };
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);
