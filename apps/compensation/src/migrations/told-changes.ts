/** What was counted and answered before, as a database put back has to know it. */
export const TOLD_CHANGES = `
-- JSON: region ('': none is counted apart), decidedAtMs; null: not breached, or counted before there was this column.
alter table entitlement add column counted text;
-- Answers to claims that the topic has and a database put back to before them would give again.
create table claim_answer (
  event_id uuid primary key
);`;
