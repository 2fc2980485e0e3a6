-- Whom the forge would not ask for a review of a pull request. Losing it has each of them asked for once more.
CREATE TABLE refused_request (
    repository INTEGER NOT NULL,
    pull       INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (repository, pull, name)
) WITHOUT ROWID;
