-- The deliveries that failed and that the forge was asked to send again, by GUID: each of them once.
CREATE TABLE redelivery (
    guid TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL
) WITHOUT ROWID;
