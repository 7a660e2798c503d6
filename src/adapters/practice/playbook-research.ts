// Research: one reading of the practice market's offers, then done.
import { findOffers } from './playbook-market.ts';
import { type Answer, callsOf, callTools, finish, lastError, type Situation } from './playbook-step.ts';

export function researchStep(situation: Situation): Answer {
  const isRead = findOffers({ ...situation, facts: { ...situation.facts, inputs: [] } }) !== null;
  if (isRead) return finish(situation, 'done', 'The offers of the practice market are read and stored.');
  return readOffersFirst(situation);
}

/** At most two tries; also the first step of any playbook that was given no offers. */
export function readOffersFirst(situation: Situation): Answer {
  const tries = callsOf(situation.turns, 'market_offers').length;
  if (tries < 2 && situation.tools.has('market_offers')) return callTools('market_offers', [{}]);
  return finish(situation, 'nothing_done', `The offers could not be read: ${lastError(situation.turns, 'market_offers')}`);
}
