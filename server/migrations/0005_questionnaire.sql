-- questionnaire ----------------------------------------------------------------------------------

-- Definitions that were loaded, and those that came with Handrail as soon as somebody was asked one: a response points at the very text that was used.
-- A version is never changed.
CREATE TABLE questionnaires (
    id UUID PRIMARY KEY,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    digest TEXT NOT NULL,             -- SHA-256 of the definition
    body JSONB NOT NULL,
    loaded BOOLEAN NOT NULL,          -- true where a file was loaded, false where it came with Handrail
    made_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT questionnaires_version UNIQUE (key, version, language)
);
CREATE INDEX questionnaires_loaded ON questionnaires (loaded, made_at);

-- Dated value sets: the one in use on the day of an answer gives its value.
CREATE TABLE value_sets (
    id UUID PRIMARY KEY,
    key TEXT NOT NULL,                -- of the questionnaire
    name TEXT NOT NULL,
    from_on DATE NOT NULL,
    digest TEXT NOT NULL,
    body JSONB NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT value_sets_from UNIQUE (key, from_on)
);

CREATE TABLE questionnaire_responses (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,            -- the first revision's id
    revision BIGINT NOT NULL,
    case_id UUID NOT NULL REFERENCES cases (id),
    questionnaire_id UUID NOT NULL REFERENCES questionnaires (id),
    mode TEXT NOT NULL,               -- choice: questionnaire::Mode
    author TEXT NOT NULL,             -- choice: questionnaire::Author
    seen_by TEXT NOT NULL,            -- choice: questionnaire::SeenBy
    started_at TIMESTAMPTZ NOT NULL,
    completed_at TIMESTAMPTZ NOT NULL,
    answers JSONB NOT NULL,           -- questionnaire::Answers
    scores JSONB NOT NULL,            -- list of questionnaire::Scored, as worked out when it was recorded
    value_set_id UUID REFERENCES value_sets (id),
    source_id TEXT,                   -- its id where it was brought in from
    recorded_by UUID REFERENCES accounts (id),   -- NULL where it was brought in or where the person filled it in
    recorded_at TIMESTAMPTZ NOT NULL,
    superseded_by UUID,
    superseded_reason TEXT,
    CONSTRAINT questionnaire_responses_revision UNIQUE (root_id, revision),
    CONSTRAINT questionnaire_responses_source UNIQUE (case_id, source_id)
);
CREATE INDEX questionnaire_responses_case ON questionnaire_responses (case_id, completed_at, id) WHERE superseded_by IS NULL;

-- An answer that interrupted: which concern it led to, so that the same form raises it once.
CREATE TABLE questionnaire_interrupts (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    draft_id UUID NOT NULL CONSTRAINT questionnaire_interrupts_draft UNIQUE,
    response_root UUID,               -- NULL until the rest of the form is right
    concern_id UUID NOT NULL REFERENCES concerns (id),
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX questionnaire_interrupts_case ON questionnaire_interrupts (case_id);
CREATE INDEX questionnaire_interrupts_concern ON questionnaire_interrupts (concern_id);
