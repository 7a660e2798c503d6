// Time is an argument: whoever needs it is handed a Clock. Leases, expiries and caps use the database's time instead.

export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
