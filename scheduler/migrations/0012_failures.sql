-- Which failure of a run a message tells: the number of the claim under which it failed, 0 for all else. A run that is tried again
-- by hand and fails again is another happening, with a key of its own.
ALTER TABLE outbox ADD COLUMN failure BIGINT NOT NULL DEFAULT 0;

-- Each beat looks for plans whose time begins or is over.
CREATE INDEX plan_by_status ON plan (status, valid_to);
