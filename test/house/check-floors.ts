// Runs the floor rules and fails when suspiciously few modules were seen: a check that sees nothing is always green.
import { cruise, type IReporterOutput } from 'dependency-cruiser';

const FEWEST = 250;
const { rules } = (await import(new URL('../../.dependency-cruiser.mjs', import.meta.url).href)) as {
  rules: { forbidden: unknown[]; options: object };
};

interface Summary {
  totalCruised: number;
  totalDependenciesCruised?: number;
  violations: { from: string; to: string; rule: { name: string } }[];
}

const result: IReporterOutput = await cruise(['src', 'commands', 'migrations'], {
  ...rules.options,
  ruleSet: { forbidden: rules.forbidden },
  validate: true,
} as never);
const { summary } = result.output as { summary: Summary };
for (const violation of summary.violations) console.error(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
console.log(`floors: ${summary.totalCruised} modules, ${summary.violations.length} violations`);
if (summary.totalCruised < FEWEST) {
  console.error(`only ${summary.totalCruised} modules were seen, expected at least ${FEWEST}: the check itself is broken`);
  process.exit(1);
}
process.exit(summary.violations.length > 0 ? 1 : 0);
