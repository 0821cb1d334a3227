-- Check-ins about how things are, and how it was; and what somebody tells us themselves of the service.

ALTER TABLE checkin_answers ADD COLUMN expectation BIGINT;    -- 0 to 10: how likely they think it is that they will be back
ALTER TABLE checkin_answers ADD COLUMN confidence BIGINT;     -- 0 to 10: how confident they are about going back
ALTER TABLE checkin_answers ADD COLUMN experience TEXT;       -- choice: checkin::Experience

-- Whether they felt pushed to go back. What they said of it stands with complaints and harms; no page of staff reads this.
CREATE TABLE checkin_pressure (
    id UUID PRIMARY KEY,
    checkin_id UUID NOT NULL REFERENCES checkins (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    felt TEXT NOT NULL,               -- choice: checkin::Pushed
    complaint_id UUID REFERENCES complaints (id),    -- NULL where there was nothing to tell
    answered_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX checkin_pressure_checkin ON checkin_pressure (checkin_id, answered_at, id);
CREATE INDEX checkin_pressure_case ON checkin_pressure (case_id);

-- What the person tells on their own pages has no account behind it: NULL is the person.
ALTER TABLE complaints ADD COLUMN recorded_by_account UUID REFERENCES accounts (id);
UPDATE complaints SET recorded_by_account = recorded_by;
ALTER TABLE complaints DROP COLUMN recorded_by;
ALTER TABLE complaints RENAME COLUMN recorded_by_account TO recorded_by;
