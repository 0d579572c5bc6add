-- Times are milliseconds since 1970-01-01T00:00:00Z. One file for SQLite and PostgreSQL.

CREATE TABLE job (
    id TEXT PRIMARY KEY,
    watermark BIGINT NOT NULL
);

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('outbox', 0), ('entry', 0);

CREATE TABLE run (
    id TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    due BIGINT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    owner TEXT NOT NULL,
    fence BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    plan TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (job, due, event)
);
CREATE INDEX run_by_state ON run (state, not_before);

-- Every change of a run or a plan: what, who and why. Never changed, never deleted.
CREATE TABLE entry (
    sequence BIGINT PRIMARY KEY,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX entry_by_subject ON entry (subject, sequence);

CREATE TABLE plan (
    id TEXT PRIMARY KEY,
    product TEXT NOT NULL,
    term TEXT NOT NULL,
    revision BIGINT NOT NULL,
    alternative TEXT NOT NULL,
    run TEXT NOT NULL,
    digest TEXT NOT NULL,
    status TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    created BIGINT NOT NULL,
    parent TEXT NOT NULL,
    supersedes TEXT NOT NULL,
    drafted_by TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    degraded BIGINT NOT NULL,
    publish TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (product, term, revision)
);
CREATE UNIQUE INDEX one_plan_in_force ON plan (product, term) WHERE status = 'in_force';
CREATE INDEX plan_by_run ON plan (run);

CREATE TABLE outbox (
    sequence BIGINT PRIMARY KEY,
    publisher TEXT NOT NULL,
    kind TEXT NOT NULL,
    plan TEXT NOT NULL,
    message TEXT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX outbox_by_publisher ON outbox (publisher, state, sequence);

-- Who drains which publisher, so that its order is kept.
CREATE TABLE drain (
    publisher TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    lease_until BIGINT NOT NULL
);
