-- Time off work: what was said, the days that somebody would normally work, and the calendar that follows from them.

CREATE TABLE absence_facts (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    source TEXT NOT NULL,             -- choice: absence::SourceKind
    source_id UUID NOT NULL,          -- the record it comes from: a contact's root, a fit note, an answer; its own id where it stands alone
    said JSONB NOT NULL,              -- absence::Said
    told_at TIMESTAMPTZ NOT NULL,
    note TEXT,                        -- the person's or the worker's words, if any
    told_by UUID REFERENCES accounts (id),     -- who wrote it down; NULL where the system did
    recorded_at TIMESTAMPTZ NOT NULL,
    taken_back_at TIMESTAMPTZ,
    taken_back_by UUID REFERENCES accounts (id),
    taken_back_reason TEXT
);
CREATE INDEX absence_facts_case ON absence_facts (case_id, told_at, id);
CREATE INDEX absence_facts_source ON absence_facts (case_id, source, source_id);

CREATE TABLE absence_patterns (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    from_on DATE NOT NULL,
    pattern JSONB NOT NULL,           -- absence::Pattern
    made_by UUID REFERENCES accounts (id),     -- NULL where it was read from the person's details
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX absence_patterns_case ON absence_patterns (case_id, from_on, made_at, id);

-- Kept in the transaction that changes a fact; `rebuild` proves that it agrees with them. One row for each choice of sources.
CREATE TABLE absence_calendars (
    case_id UUID NOT NULL REFERENCES cases (id),
    basis TEXT NOT NULL,              -- choice: absence::Basis
    runs JSONB NOT NULL,              -- absence::Run: days that follow each other and are alike stand together
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (case_id, basis)
);
