// What the record pages read: approvals, deliverables, the audit trail.
import { findApproval } from '../../domain/approvals/approval-store.ts';
import { findMessageByKey } from '../http/message-store.ts';
import { listApprovalRows, listVoteRows } from './approval-page-store.ts';
import { APPROVALS_PAGE, renderApproval, renderApprovals } from './approval-pages.ts';
import { AUDIT_PAGE, renderAudit } from './audit-page.ts';
import { listAuditRows, readSealState } from './audit-page-store.ts';
import { renderDocument } from './document-page.ts';
import { findDocumentRow, findVersion, listVersions } from './document-page-store.ts';
import { findNewestPlan } from './goal-page-store.ts';
import { type Build, countOf, idOf } from './page-request.ts';
import { listApprovalCalls } from './task-page-store.ts';

export const buildApprovals: Build = async (c, frame, db) => {
  const pending = c.req.query('decided') !== '1';
  const rows = await listApprovalRows(db, { before: countOf(c, 'before'), limit: APPROVALS_PAGE, pending });
  return { title: 'Approvals', section: 'approvals', live: 'any', body: renderApprovals(frame, rows, pending) };
};

export const buildApproval: Build = async (c, frame, db) => {
  const id = idOf(c);
  const approval = await findApproval(db, id);
  if (approval === undefined) return null;
  const plan = approval.kind === 'plan' && approval.goal_id !== null ? await findNewestPlan(db, approval.goal_id) : undefined;
  const planText = plan === undefined || plan.id !== approval.plan_id ? null : JSON.stringify(plan.tasks, null, 2);
  const body = renderApproval(frame, {
    approval,
    calls: await listApprovalCalls(db, id),
    votes: await listVoteRows(db, id),
    message: await findMessageByKey(db, `approval:${id}`),
    planText,
  });
  return { title: `Approval ${id}`, section: 'approvals', live: approval.goal_id === null ? 'any' : `goal:${approval.goal_id}`, body };
};

export const buildDocument: Build = async (c, frame, db) => {
  const document = await findDocumentRow(db, idOf(c));
  if (document === undefined) return null;
  const versions = await listVersions(db, document.id);
  const shown = await findVersion(db, document.id, countOf(c, 'version') ?? versions[0]?.version ?? 0);
  return shown === undefined
    ? null
    : { title: document.title, section: 'goals', live: 'none', body: renderDocument(frame, { document, versions, shown }) };
};

export const buildAudit: Build = async (c, frame, db) => {
  const words = (name: string) => c.req.query(name)?.trim() || null;
  const query = {
    before: countOf(c, 'before'),
    limit: AUDIT_PAGE,
    actor: words('actor'),
    action: words('action'),
    subjectKind: words('kind'),
    subjectId: countOf(c, 'id'),
  };
  return {
    title: 'Audit',
    section: 'audit',
    live: 'none',
    body: renderAudit(frame, { query, rows: await listAuditRows(db, query), seal: await readSealState(db) }),
  };
};
