-- What one process does for all that share the store, and when that was done last: 'sweep', or 'probe', by which readiness sees that the store
-- takes writes.
CREATE TABLE chore (
    name TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL
) WITHOUT ROWID;
