-- What is told to the outgoing webhook: each thing once. What is told together has one delivery, '' until it is first tried.
CREATE TABLE notice (
    repository INTEGER NOT NULL,
    key        TEXT    NOT NULL,              -- what happened to what: the same again is no news
    event      TEXT    NOT NULL,              -- 'opened', 'decided', 'emergency', 'expired'
    pull       INTEGER NOT NULL,              -- 0 where it belongs to no pull request
    place      TEXT    NOT NULL,              -- repository and pull request, as JSON
    item       TEXT    NOT NULL,              -- what is told, as JSON
    line       TEXT    NOT NULL,              -- the same for people
    at         INTEGER NOT NULL,
    delivery   TEXT    NOT NULL DEFAULT '',
    attempts   INTEGER NOT NULL DEFAULT 0,
    due        INTEGER NOT NULL,
    state      INTEGER NOT NULL DEFAULT 0,    -- 0 waits, 1 told, 2 given up
    PRIMARY KEY (repository, key)
);
CREATE INDEX notice_waiting ON notice (due) WHERE state = 0;
CREATE INDEX notice_delivery ON notice (delivery) WHERE state = 0;
