-- When a merged pull request had changed last as it was looked at: what people say on it later is looked for again.
ALTER TABLE merged ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
