CREATE SCHEMA IF NOT EXISTS {schema};

CREATE TABLE IF NOT EXISTS {schema}.weir_message (
    key text PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    sequence bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS {schema}.weir_plan (
    plan text PRIMARY KEY,
    product text NOT NULL,
    term text NOT NULL,
    revision bigint NOT NULL,
    status text NOT NULL,
    digest text NOT NULL,
    audience text NOT NULL,
    basin text NOT NULL,
    mode text NOT NULL,
    headings text[] NOT NULL,
    basis_time timestamptz,
    issue_time timestamptz,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    supersedes text,
    reason text NOT NULL,
    sequence bigint NOT NULL,
    document json NOT NULL,
    UNIQUE (product, term, revision)
);

-- Flows stand at the start of their step, states at their instant.
CREATE TABLE IF NOT EXISTS {schema}.weir_series (
    plan text NOT NULL REFERENCES {schema}.weir_plan,
    address text NOT NULL,
    quantity text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    time timestamptz NOT NULL,
    value float8 NOT NULL,
    PRIMARY KEY (plan, address, quantity, time)
);

-- SL 323: local times, z in m, w in 10^6 m3, otq in m3/s.
CREATE TABLE IF NOT EXISTS {schema}.st_reglat_f (
    stcd text NOT NULL,
    unitname text NOT NULL,
    plcd text NOT NULL,
    fymdh timestamp NOT NULL,
    iymdh timestamp NOT NULL,
    ymdh timestamp NOT NULL,
    z numeric,
    w numeric,
    otq numeric,
    PRIMARY KEY (stcd, plcd, iymdh, ymdh)
);

-- DISTINCT makes both views read-only.
CREATE OR REPLACE VIEW {schema}.weir_in_force AS
SELECT DISTINCT ON (product, term) plan, product, term, revision, digest, audience, basin, mode, headings, basis_time, issue_time,
    valid_from, valid_to, supersedes
FROM {schema}.weir_plan
WHERE status = 'in_force' AND valid_to > now()
ORDER BY product, term, revision DESC;

CREATE OR REPLACE VIEW {schema}.weir_in_force_series AS
SELECT DISTINCT product, term, revision, address, quantity, unit, kind, time, value
FROM {schema}.weir_in_force JOIN {schema}.weir_series USING (plan);
