-- Orders from above 调度命令 that arrived; `body` is what they hold, as JSON. `ended` is 0 while it stands.
CREATE TABLE command (
    id TEXT PRIMARY KEY,
    basin TEXT NOT NULL,
    body TEXT NOT NULL,
    created BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    ended BIGINT NOT NULL,
    ended_by TEXT NOT NULL
);
CREATE INDEX command_by_basin ON command (basin, ended);

-- Which plan of a run was chosen in consultation 会商.
CREATE TABLE choice (
    run TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    minutes TEXT NOT NULL,
    at BIGINT NOT NULL,
    chosen_by TEXT NOT NULL
);

-- What a plan was solved of: what was gathered and laid over its basin, as JSON.
CREATE TABLE basis (
    plan TEXT PRIMARY KEY,
    body TEXT NOT NULL
);
