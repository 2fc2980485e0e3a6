-- What of the first contact with a repository is done, 'check' or 'settings'; `waits` is 1 where that is for as long as there is nothing to judge.
-- Losing it has the forge asked once more.
CREATE TABLE first_contact (
    repository INTEGER NOT NULL,
    step       TEXT    NOT NULL,
    waits      INTEGER NOT NULL,
    PRIMARY KEY (repository, step)
) WITHOUT ROWID;
