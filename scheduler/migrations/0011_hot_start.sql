-- Where the solves of a job's last run ended, in base 64: what its next run starts from. One row an alternative of that run.
CREATE TABLE hot_start (
    job TEXT NOT NULL,
    alternative TEXT NOT NULL,
    run TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (job, alternative)
);
