-- What a person lets an employer or a GP practice see: prepared by a worker, chosen and released by the person, opened and answered by a recipient.

CREATE TABLE documents (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,               -- choice: release::Kind
    recipient_kind TEXT NOT NULL,     -- choice: release::RecipientKind
    recipient_name TEXT NOT NULL,
    recipient_org TEXT,
    way TEXT NOT NULL,                -- choice: release::Way
    send_to TEXT,                     -- an e-mail or postal address
    code_to TEXT,                     -- a telephone number, for the code
    state TEXT NOT NULL,              -- choice: release::State
    prepared JSONB NOT NULL,          -- release::Prepared: all that could be released
    chosen JSONB NOT NULL,            -- release::Chosen: what was looked at last
    released JSONB,                   -- release::Released: exactly what was released, and never changed
    plan_changes BIGINT NOT NULL,     -- how often the plan had changed when this was prepared
    prepared_by UUID NOT NULL REFERENCES accounts (id),
    prepared_at TIMESTAMPTZ NOT NULL,
    think_until_on DATE,
    released_at TIMESTAMPTZ,
    until_on DATE,                    -- the last day on which it can be opened
    spoken_how TEXT,                  -- choice: release::SpokenHow; where the person said so to a worker
    spoken_at TIMESTAMPTZ,
    recorded_by UUID REFERENCES accounts (id),
    answers_waiting BOOLEAN NOT NULL, -- an answer that has not reached the person
    version BIGINT NOT NULL
);
CREATE INDEX documents_case ON documents (case_id, prepared_at, id);
CREATE INDEX documents_waiting ON documents (case_id) WHERE answers_waiting;
CREATE INDEX documents_ending ON documents (until_on, id) WHERE state = 'released';
CREATE INDEX documents_thinking ON documents (think_until_on, id) WHERE state = 'thinking';

-- What happened with a document, by whom and when.
CREATE TABLE document_steps (
    id UUID PRIMARY KEY,
    document_id UUID NOT NULL REFERENCES documents (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    step TEXT NOT NULL,               -- choice: release::Step
    by_kind TEXT NOT NULL,            -- choice: release::By
    account_id UUID REFERENCES accounts (id),
    words TEXT,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX document_steps_case ON document_steps (case_id, at, id);
CREATE INDEX document_steps_document ON document_steps (document_id, at, id);

-- The way in for a recipient. Only hashes are kept: the code's stands on the token, which is nowhere.
CREATE TABLE document_links (
    id UUID PRIMARY KEY,
    document_id UUID NOT NULL REFERENCES documents (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    token_hash TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    tries BIGINT NOT NULL,
    code_used_at TIMESTAMPTZ,
    made_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX document_links_token ON document_links (token_hash);
CREATE INDEX document_links_document ON document_links (document_id, made_at);
CREATE INDEX document_links_case ON document_links (case_id);

-- A browser in which the right code was given.
CREATE TABLE document_browsers (
    browser_hash TEXT PRIMARY KEY,
    link_id UUID NOT NULL REFERENCES document_links (id),
    document_id UUID NOT NULL REFERENCES documents (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    opened_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX document_browsers_case ON document_browsers (case_id);

-- What the recipient answered to something asked. The newest of an item stands; it goes to the person first.
CREATE TABLE document_answers (
    id UUID PRIMARY KEY,
    document_id UUID NOT NULL REFERENCES documents (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    item TEXT NOT NULL,               -- the key of what was asked
    answer TEXT NOT NULL,             -- choice: release::Answer
    reason TEXT,
    answered_at TIMESTAMPTZ NOT NULL,
    told_at TIMESTAMPTZ               -- when it reached the person
);
CREATE INDEX document_answers_document ON document_answers (document_id, answered_at, id);
CREATE INDEX document_answers_case ON document_answers (case_id);
