-- What was checked of a plan between solving and drafting, as a JSON list of check, verdict and text.
ALTER TABLE plan ADD COLUMN checks TEXT NOT NULL DEFAULT '[]';
