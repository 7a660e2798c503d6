// Members, linked identities and console tokens. Environment lists come in as an argument and always count.
import { sha256 } from '../../core/canonical-json.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { expandRoles, type Person, ROLES, type Role } from './role.ts';

export interface PeopleLists {
  owners: readonly string[];
  approvers: readonly string[];
  operators: readonly string[];
  viewers: readonly string[];
}

function rolesFromLists(platformId: string, lists: PeopleLists): Role[] {
  const roles: Role[] = [];
  if (lists.owners.includes(platformId)) roles.push('owner');
  if (lists.approvers.includes(platformId)) roles.push('approver');
  if (lists.operators.includes(platformId)) roles.push('operator');
  if (lists.viewers.includes(platformId)) roles.push('viewer');
  return roles;
}

/** The person behind a platform id with every role they hold; an unknown id has none. */
export async function findPerson(db: DatabaseOrTrx, platformId: string, lists: PeopleLists): Promise<Person> {
  const row = await db.selectFrom('member').select(['person', 'role']).where('platform_id', '=', platformId).executeTakeFirst();
  const stored = ROLES.filter((role) => role === row?.role);
  return { platformId, person: row?.person ?? platformId, roles: expandRoles([...rolesFromLists(platformId, lists), ...stored]) };
}

/** The platform id a console token stands for; null when unknown or revoked. Only its hash is stored. */
export async function findTokenOwner(db: DatabaseOrTrx, token: string): Promise<string | null> {
  const row = await db
    .selectFrom('access_token')
    .select('platform_id')
    .where('token_hash', '=', sha256(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row?.platform_id ?? null;
}

export async function addToken(db: DatabaseOrTrx, token: { platformId: string; token: string; createdBy: string }): Promise<void> {
  await db
    .insertInto('access_token')
    .values({ platform_id: token.platformId, token_hash: sha256(token.token), created_by: token.createdBy })
    .onConflict((conflict) => conflict.column('token_hash').doNothing())
    .execute();
}

/** Ends every token of a platform id. Returns how many were still valid. */
export async function revokeTokens(db: DatabaseOrTrx, platformId: string, at: Date): Promise<number> {
  const result = await db
    .updateTable('access_token')
    .set({ revoked_at: at })
    .where('platform_id', '=', platformId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function setMember(db: DatabaseOrTrx, member: { platformId: string; role: Role | null; addedBy: string }): Promise<void> {
  await db
    .insertInto('member')
    .values({ platform_id: member.platformId, person: member.platformId, role: member.role, added_by: member.addedBy })
    .onConflict((conflict) => conflict.column('platform_id').doUpdateSet({ role: member.role, added_by: member.addedBy }))
    .execute();
}

/** Says that two platform ids are the same human, so that they count once where two people are needed. */
export async function linkIdentities(db: DatabaseOrTrx, link: { platformId: string; person: string; addedBy: string }): Promise<void> {
  await db
    .insertInto('member')
    .values({ platform_id: link.platformId, person: link.person, role: null, added_by: link.addedBy })
    .onConflict((conflict) => conflict.column('platform_id').doUpdateSet({ person: link.person, added_by: link.addedBy }))
    .execute();
}

export function listMembers(db: DatabaseOrTrx) {
  return db.selectFrom('member').select(['platform_id', 'person', 'role', 'added_by', 'created_at']).orderBy('platform_id').execute();
}

/** The distinct humans behind platform ids: linked identities count once. */
export async function findPersonsOf(db: DatabaseOrTrx, platformIds: readonly string[]): Promise<Set<string>> {
  if (platformIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('member')
    .select(['platform_id', 'person'])
    .where('platform_id', 'in', [...platformIds])
    .execute();
  const personOf = new Map(rows.map((row) => [row.platform_id, row.person]));
  return new Set(platformIds.map((id) => personOf.get(id) ?? id));
}
