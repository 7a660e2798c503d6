// Who may do what. Roles hang on platform ids, never on names; approver is a role of its own and never follows from owner.

export const ROLES = ['viewer', 'operator', 'approver', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Someone who speaks to the bot, as their platform vouches for them. */
export interface Person {
  /** `console:owner`, `slack:T1/U1`, `discord:123`. */
  platformId: string;
  /** One human behind several platform ids; the platform id itself until linked. */
  person: string;
  roles: ReadonlySet<Role>;
}

/** An approver may also operate, an owner too; everyone with a role may look. Only approvers approve. */
const IMPLIED: Record<Role, readonly Role[]> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  approver: ['viewer', 'operator', 'approver'],
  owner: ['viewer', 'operator', 'owner'],
};

export function expandRoles(given: Iterable<Role>): ReadonlySet<Role> {
  return new Set([...given].flatMap((role) => IMPLIED[role]));
}

export function hasRole(person: Person, role: Role): boolean {
  return person.roles.has(role);
}
