-- Since when, by the forge's clock in seconds since 1970, the pull request was seen to have the head; 0 where nobody knows.
ALTER TABLE published ADD COLUMN head_since INTEGER NOT NULL DEFAULT 0;
-- The digest of the organisation's settings, read before it was judged.
ALTER TABLE published ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
