-- The merges that are recorded in the ledger, or need no record there. Losing it has the ledger asked once more.
CREATE TABLE merged (
    repository INTEGER NOT NULL,
    pull       INTEGER NOT NULL,
    PRIMARY KEY (repository, pull)
) WITHOUT ROWID;
