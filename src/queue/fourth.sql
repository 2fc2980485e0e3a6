-- The tip of each ledger branch when it was last looked at, and the parts of its files that people pushed, as JSON.
CREATE TABLE ledger (branch TEXT PRIMARY KEY, tip TEXT NOT NULL, pushed TEXT NOT NULL) STRICT;
