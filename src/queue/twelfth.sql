-- The page of what was judged at a head, which its check links to: under an address that only the check bears.
CREATE TABLE details (
    repository INTEGER NOT NULL,
    head       TEXT    NOT NULL,
    capability TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    page       TEXT    NOT NULL,
    PRIMARY KEY (repository, head)
);
CREATE INDEX details_by_time ON details (at);
