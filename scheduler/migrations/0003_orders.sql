-- Orders 调度令, one a row; `body` is the row of the plan that drafted it, as JSON.
CREATE TABLE sheet (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    plan TEXT NOT NULL,
    product TEXT NOT NULL,
    object TEXT NOT NULL,
    state TEXT NOT NULL,
    execute_at BIGINT NOT NULL,
    signed BIGINT NOT NULL,
    drafted_by TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    actual TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX sheet_by_object ON sheet (product, object, signed);
CREATE INDEX sheet_by_plan ON sheet (plan);
