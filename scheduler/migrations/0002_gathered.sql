-- The readings of each input as last gathered and found good: what `last` and `yesterday` fall back on.
CREATE TABLE gathered (
    input TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    digest TEXT NOT NULL,
    readings TEXT NOT NULL
);
