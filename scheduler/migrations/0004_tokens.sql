-- Who may ask and do what, by the SHA-256 of the token that they show. `revoked` is 0 for one that is not.
CREATE TABLE token (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    revoked_by TEXT NOT NULL
);
CREATE UNIQUE INDEX one_token_of_a_name ON token (name) WHERE revoked = 0;

-- Every write that was asked of the API. `status` is 0 until it has been answered.
CREATE TABLE api_call (
    sequence BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    address TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status BIGINT NOT NULL,
    detail TEXT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('api_call', 0);
