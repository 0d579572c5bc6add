-- What was last seen of each job's events: content, since when it has stood, and the last that started a run.
CREATE TABLE watched (
    job TEXT NOT NULL,
    event TEXT NOT NULL,
    asked BIGINT NOT NULL,
    digest TEXT NOT NULL,
    since BIGINT NOT NULL,
    fired TEXT NOT NULL,
    PRIMARY KEY (job, event)
);
