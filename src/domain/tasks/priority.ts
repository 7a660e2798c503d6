// Which task goes first. Waiting raises a task: the database ranks by ready time plus ten minutes a step, so that nothing starves.

export const PRIORITIES = { critical: 0, high: 1, medium: 2, low: 3 } as const;
