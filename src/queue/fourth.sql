-- The tip of each ledger branch when it was last looked at, the parts of its files that people pushed, as JSON, and since when, in
-- milliseconds since 1970, the branch was seen to be behind that tip; 0 where it is not.
CREATE TABLE ledger (branch TEXT PRIMARY KEY, tip TEXT NOT NULL, pushed TEXT NOT NULL, behind_since INTEGER NOT NULL DEFAULT 0) STRICT;
