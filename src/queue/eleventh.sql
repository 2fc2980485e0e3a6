-- What is judged with input that a workflow makes, and of which commits: a run that ends there makes it due. Losing it has the sweep find it.
CREATE TABLE input (
    repository INTEGER NOT NULL,
    commit_id  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,              -- a pull request or a merge group, as in the queue
    at         INTEGER NOT NULL,
    PRIMARY KEY (repository, commit_id, subject)
) WITHOUT ROWID;
