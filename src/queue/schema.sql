-- What the service remembers between two events. Losing it loses nothing but time: git and the forge have everything that matters.
-- Times are milliseconds since 1970, from the service's own clock; object ids are 40 hex digits.

-- One row per thing that may be due: its uniqueness is what serialises the work on one pull request.
CREATE TABLE job (
    repository   INTEGER NOT NULL,            -- the forge's numeric id, which survives renames
    subject      TEXT    NOT NULL,            -- 'pull/12', 'group/<sha>', 'head/<sha>', 'base/<branch>', 'open', 'stale'
    installation INTEGER NOT NULL,
    owner        TEXT    NOT NULL,            -- as the newest event spelt it; the forge redirects after a rename
    name         TEXT    NOT NULL,
    head         TEXT,                        -- the newest head that an event told of
    head_at      INTEGER NOT NULL,            -- when the forge said so, in seconds since 1970: events arrive in any order
    base         TEXT,                        -- merge groups only
    state        INTEGER NOT NULL,            -- 0 queued, 1 running, 2 done, 3 dead
    generation   INTEGER NOT NULL,            -- counts the events
    taken        INTEGER NOT NULL,            -- the generation that the run in progress took
    token        INTEGER NOT NULL,            -- fencing: every write of a run names the token it was given
    attempts     INTEGER NOT NULL,            -- runs since the last one that ended well
    superseded   INTEGER NOT NULL,            -- runs in a row that were cut short by a newer event
    priority     INTEGER NOT NULL,
    run_at       INTEGER NOT NULL,
    lease_until  INTEGER NOT NULL,
    error        TEXT,
    PRIMARY KEY (repository, subject)
);
CREATE INDEX job_queued ON job (priority DESC, run_at) WHERE state = 0;
CREATE INDEX job_running ON job (lease_until) WHERE state = 1;

CREATE TABLE delivery (
    guid TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX delivery_age ON delivery (at);

-- Comments that may bear commands, with their bodies as they were when created.
CREATE TABLE command (
    repository INTEGER NOT NULL,
    surface    TEXT    NOT NULL,              -- 'comment', 'thread', 'review'
    id         INTEGER NOT NULL,
    pull       INTEGER NOT NULL,
    thread     INTEGER NOT NULL,              -- the thread's first comment, 0 outside threads
    url        TEXT    NOT NULL,
    author     INTEGER NOT NULL,
    login      TEXT    NOT NULL,
    at         INTEGER NOT NULL,              -- seconds since 1970, as the forge said
    body       TEXT    NOT NULL,
    done       INTEGER,                       -- NULL: no outcome yet; 0 refused; 1 done
    reply      TEXT    NOT NULL DEFAULT '',
    answered   INTEGER NOT NULL DEFAULT 0,    -- whether reply and reaction are known to be posted
    PRIMARY KEY (repository, surface, id)
);
CREATE INDEX command_waiting ON command (repository, pull) WHERE answered = 0;

-- What stands on each pull request since the last run that ended well.
CREATE TABLE published (
    repository INTEGER NOT NULL,
    pull       INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    head       TEXT    NOT NULL,
    base       TEXT    NOT NULL,
    ledger     TEXT    NOT NULL,              -- the ledger's tip, empty where there is none
    engine     TEXT    NOT NULL,
    conclusion TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,              -- when the forge says the pull request last changed, in seconds since 1970
    PRIMARY KEY (repository, pull)
);
CREATE INDEX published_head ON published (repository, head);

-- Contents of git objects, by id: they cannot change.
CREATE TABLE object (
    id    TEXT    PRIMARY KEY,
    used  INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body  BLOB    NOT NULL
) WITHOUT ROWID;
CREATE INDEX object_age ON object (used);

-- Answers of the forge with their ETags: asking again costs nothing while they hold.
CREATE TABLE answer (
    key   TEXT    PRIMARY KEY,                -- installation and URL: what one may read, another may not
    used  INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    etag  TEXT    NOT NULL,
    body  BLOB    NOT NULL
) WITHOUT ROWID;
CREATE INDEX answer_age ON answer (used);
