-- Check-ins: short questions at set times, every reply as it came, and what it was read as.

CREATE TABLE checkins (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,               -- choice: checkin::Kind
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    normal_days BIGINT,               -- days of the window that they would normally work; NULL where nobody asked which those are
    state TEXT NOT NULL,              -- choice: checkin::State
    asked_at TIMESTAMPTZ NOT NULL,
    reminded_at TIMESTAMPTZ,          -- the one reminder
    next_at TIMESTAMPTZ,              -- when something more is done by itself; NULL where nothing is
    version BIGINT NOT NULL,
    CONSTRAINT checkins_once UNIQUE (case_id, kind, from_on)
);
CREATE INDEX checkins_due ON checkins (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX checkins_for_a_person ON checkins (case_id, asked_at) WHERE state = 'for_a_person';

-- A reply is never changed. One that was understood is superseded by a later one, with why.
CREATE TABLE checkin_answers (
    id UUID PRIMARY KEY,
    checkin_id UUID NOT NULL REFERENCES checkins (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    raw TEXT NOT NULL,                -- as they wrote or said it
    hundredths BIGINT,                -- of a day; NULL where it was not understood, or is all of an unknown number
    rule TEXT,                        -- choice: checkin::Rule; NULL where it was not understood
    rule_version BIGINT NOT NULL,
    mode TEXT NOT NULL,               -- choice: checkin::Mode
    answered_at TIMESTAMPTZ NOT NULL,
    recorded_by UUID REFERENCES accounts (id),     -- who wrote it down; NULL where it came by itself
    read_by_on DATE NOT NULL,         -- somebody reads it by the end of this day
    read_at TIMESTAMPTZ,
    read_by UUID REFERENCES accounts (id),
    superseded_at TIMESTAMPTZ,
    superseded_reason TEXT
);
CREATE UNIQUE INDEX checkin_answers_in_force ON checkin_answers (checkin_id) WHERE rule IS NOT NULL AND superseded_at IS NULL;
CREATE INDEX checkin_answers_checkin ON checkin_answers (checkin_id, answered_at, id);
CREATE INDEX checkin_answers_case ON checkin_answers (case_id, answered_at, id);
CREATE INDEX checkin_answers_unread ON checkin_answers (team_id, answered_at, id) WHERE read_at IS NULL;

-- The messages that asked: a text that answers one of them answers its check-in.
CREATE TABLE checkin_messages (
    message_id UUID PRIMARY KEY REFERENCES messages (id),
    checkin_id UUID NOT NULL REFERENCES checkins (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    part TEXT NOT NULL                -- question, reminder, again
);
CREATE INDEX checkin_messages_checkin ON checkin_messages (checkin_id);
CREATE INDEX checkin_messages_case ON checkin_messages (case_id);
