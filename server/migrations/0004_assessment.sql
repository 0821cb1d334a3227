-- The work-focused assessment: what the person says, what stands in the way and how that goes, what helps, and what the job asks.

-- A section of the assessment as it stood. What is written later supersedes it.
CREATE TABLE assessment_sections (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,            -- the first revision's id
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES assessment_sections (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    section TEXT NOT NULL,            -- choice: assessment::Section
    words JSONB NOT NULL,             -- by assessment::Topic, as typed
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX assessment_sections_current ON assessment_sections (case_id, section) WHERE superseded_by IS NULL;
CREATE INDEX assessment_sections_case ON assessment_sections (case_id, section, revision);

-- What stands in the way. Others refer to an obstacle by its root: the id of its first revision.
CREATE TABLE obstacles (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES obstacles (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,               -- choice: assessment::ObstacleKind
    words TEXT NOT NULL,              -- the person's own
    can_change TEXT NOT NULL,         -- choice: assessment::CanChange
    since TEXT,                       -- as the person says it
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL,
    taken_back_by UUID REFERENCES accounts (id),   -- recorded by mistake: it stays, and counts no more
    taken_back_at TIMESTAMPTZ,
    taken_back_reason TEXT
);
CREATE UNIQUE INDEX obstacles_current ON obstacles (root_id) WHERE superseded_by IS NULL;
CREATE INDEX obstacles_case ON obstacles (case_id, written_at, id);

-- How an obstacle was found at a time. The first one is written with the obstacle; the newest says how it is now.
CREATE TABLE obstacle_reviews (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    obstacle_id UUID NOT NULL REFERENCES obstacles (id),
    contact_id UUID REFERENCES contacts (id),      -- the root of the contact it was part of
    state TEXT NOT NULL,              -- choice: assessment::ObstacleState
    in_the_way TEXT NOT NULL,         -- choice: assessment::InTheWay, 0 to 3
    words TEXT,                       -- the person's own
    reviewed_at TIMESTAMPTZ NOT NULL,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL,
    taken_back_by UUID REFERENCES accounts (id),
    taken_back_at TIMESTAMPTZ,
    taken_back_reason TEXT
);
CREATE INDEX obstacle_reviews_case ON obstacle_reviews (case_id, reviewed_at, id);
CREATE INDEX obstacle_reviews_contact ON obstacle_reviews (contact_id);

-- The staff's view of an obstacle. It is a table of its own so that nothing that reads obstacles for the person can show a colour. The newest row stands.
CREATE TABLE obstacle_flags (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    obstacle_id UUID NOT NULL REFERENCES obstacles (id),
    flag TEXT,                        -- choice: assessment::Flag; NULL for none
    author_id UUID NOT NULL REFERENCES accounts (id),
    set_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX obstacle_flags_case ON obstacle_flags (case_id, set_at, id);

CREATE TABLE strengths (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES strengths (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    words TEXT NOT NULL,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL,
    taken_back_by UUID REFERENCES accounts (id),
    taken_back_at TIMESTAMPTZ,
    taken_back_reason TEXT
);
CREATE UNIQUE INDEX strengths_current ON strengths (root_id) WHERE superseded_by IS NULL;
CREATE INDEX strengths_case ON strengths (case_id, written_at, id);

-- Rulers read outside a recorded contact. Those of a contact stand with it.
CREATE TABLE ruler_readings (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    ruler TEXT NOT NULL,              -- choice: contact::Ruler
    score BIGINT NOT NULL,            -- 0 to 10
    reason TEXT,                      -- the person's own words
    read_at TIMESTAMPTZ NOT NULL,
    author_id UUID NOT NULL REFERENCES accounts (id),
    taken_back_by UUID REFERENCES accounts (id),
    taken_back_at TIMESTAMPTZ,
    taken_back_reason TEXT
);
CREATE INDEX ruler_readings_case ON ruler_readings (case_id, read_at, id);

-- What the job asks, beside what the person reports.
CREATE TABLE demands (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES demands (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    area TEXT NOT NULL,               -- choice: assessment::Demand
    asks TEXT,                        -- what the job asks
    difficulty TEXT,                  -- what the person reports
    recommendation TEXT,
    author_id UUID NOT NULL REFERENCES accounts (id),
    written_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX demands_current ON demands (case_id, area) WHERE superseded_by IS NULL;
CREATE INDEX demands_case ON demands (case_id, area, revision);

-- An AHP Health and Work Report as it was made: it keeps the table and the registration it was made under. A newer one supersedes it.
CREATE TABLE work_reports (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES work_reports (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    author_id UUID NOT NULL REFERENCES accounts (id),
    registration TEXT NOT NULL,       -- the HCPC number it was made under
    advice TEXT NOT NULL,             -- choice: assessment::WorkAdvice
    assessed_on DATE NOT NULL,
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    review_on DATE,
    options JSONB NOT NULL,           -- assessment::WorkOption
    comments TEXT,
    lines JSONB NOT NULL,             -- difficulty and recommendation, as they stood
    made_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX work_reports_current ON work_reports (root_id) WHERE superseded_by IS NULL;
CREATE INDEX work_reports_case ON work_reports (case_id, made_at, id);

-- A professional registration that an administrator checked and recorded. The newest row of an account stands.
CREATE TABLE registrations (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    number TEXT NOT NULL,             -- HCPC: the profession's letters and up to six digits
    valid_until_on DATE NOT NULL,
    recorded_by UUID NOT NULL REFERENCES accounts (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    ended_by UUID REFERENCES accounts (id),
    ended_at TIMESTAMPTZ,
    ended_reason TEXT
);
CREATE INDEX registrations_account ON registrations (account_id, recorded_at, id);
