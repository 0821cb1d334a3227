-- Since when work is as a contact says it: the first day of it, or the last day of a job.
ALTER TABLE contacts ADD COLUMN work_since_on DATE;

-- Whether a response counts: one that was recorded in error stays, and says so.
ALTER TABLE questionnaire_responses ADD COLUMN standing TEXT NOT NULL DEFAULT 'stands';    -- choice: questionnaire::Standing

-- A week of a graded return is that of its Monday, as soon as there is a date: somebody who begins again keeps what happened the first time.
ALTER TABLE graded_return_weeks ADD COLUMN monday_on DATE;     -- NULL: recorded before there was a date
DROP INDEX graded_return_weeks_current;
CREATE UNIQUE INDEX graded_return_weeks_current ON graded_return_weeks (root_id) WHERE superseded_by IS NULL;
CREATE INDEX graded_return_weeks_case ON graded_return_weeks (case_id, week);
