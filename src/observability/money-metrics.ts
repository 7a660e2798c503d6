// What agents return and budgets leave, as gauges, at the moment somebody asks. Names come from outside, so there are only so many.
import { Gauge, type Registry } from 'prom-client';

export interface MoneyFigures {
  /** Profit on what was put in, as a share of 1. */
  agents: { mode: string; agent: string; roi: number }[];
  /** Caps and budgets: scope `hour` or `agent`, with the name of the agent, tool, model or goal where there is one. */
  limits: { mode: string; scope: string; name: string; used: number; limit: number }[];
}

const MOST = 100;

/** @returns sets them all; null where nothing is known now: then they are absent. */
export function createMoneyGauges(registers: Registry[]): (figures: MoneyFigures | null) => void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name: `juggernaut_${name}`, help, labelNames, registers });
  const roi = gauge('agent_roi', 'Profit on what an agent put in, as a share of 1.', ['mode', 'agent']);
  const used = gauge('budget_used_usd', 'Reserved or spent under a cap or budget, in dollars.', ['mode', 'scope', 'name']);
  const limit = gauge('budget_limit_usd', 'Limit of a cap or budget, in dollars.', ['mode', 'scope', 'name']);
  return (figures) => {
    for (const one of [roi, used, limit]) one.reset();
    for (const { mode, agent, roi: share } of (figures?.agents ?? []).slice(0, MOST)) roi.set({ mode, agent: agent.slice(0, 80) }, share);
    for (const { mode, scope, name, ...of } of (figures?.limits ?? []).slice(0, MOST)) {
      used.set({ mode, scope, name: name.slice(0, 80) }, of.used);
      limit.set({ mode, scope, name: name.slice(0, 80) }, of.limit);
    }
  };
}
