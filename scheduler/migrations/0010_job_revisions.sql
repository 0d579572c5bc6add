-- What was changed of jobs through the API. The last row of a job counts; none is changed or deleted.
-- `action`: put (`entry` is its entry as jobs.toml would have it), taken_out, given_back (jobs.toml counts again).
CREATE TABLE job_revision (
    sequence BIGINT PRIMARY KEY,
    job TEXT NOT NULL,
    action TEXT NOT NULL,
    entry TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX job_revision_by_job ON job_revision (job, sequence);
INSERT INTO counter (name, value) VALUES ('job_revision', 0);
