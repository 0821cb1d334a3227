-- The person's own pages: links that open them, the browsers that they are open in, and the word that only they know.

CREATE TABLE portal_links (
    token_hash TEXT PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    leads_to TEXT NOT NULL,           -- an address below /me
    made_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    made_by UUID REFERENCES accounts (id)    -- NULL where the system or the person asked for it
);
CREATE INDEX portal_links_case ON portal_links (case_id);
CREATE INDEX portal_links_expires ON portal_links (expires_at);

CREATE TABLE portal_browsers (
    id UUID PRIMARY KEY,
    token_hash TEXT NOT NULL CONSTRAINT portal_browsers_token UNIQUE,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    leads_to TEXT NOT NULL,           -- where to go once the word was given
    seen_as TEXT NOT NULL,            -- "Safari on an iPhone", as the browser says of itself
    made_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    known_at TIMESTAMPTZ,             -- NULL until the word was given
    kept BOOLEAN NOT NULL,            -- the person wants it to last
    keep_until TIMESTAMPTZ NOT NULL,
    tries BIGINT NOT NULL             -- wrong words since it was opened
);
CREATE INDEX portal_browsers_case ON portal_browsers (case_id, made_at, id);
CREATE INDEX portal_browsers_until ON portal_browsers (keep_until);

CREATE TABLE portal_words (
    person_id UUID PRIMARY KEY REFERENCES persons (id),
    word_hash TEXT NOT NULL,          -- Argon2id
    set_by UUID REFERENCES accounts (id),    -- NULL where the person set it on their own pages
    set_at TIMESTAMPTZ NOT NULL
);

-- What the person asks for or says on their own pages: a call, a word on how it is going, to stop. It waits for the worker until somebody has seen to it.
CREATE TABLE portal_asks (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    kind TEXT NOT NULL,               -- choice: portal::Ask
    words TEXT,
    asked_at TIMESTAMPTZ NOT NULL,
    seen_by UUID REFERENCES accounts (id),
    seen_at TIMESTAMPTZ
);
CREATE INDEX portal_asks_case ON portal_asks (case_id, asked_at, id);
CREATE INDEX portal_asks_open ON portal_asks (team_id, asked_at, id) WHERE seen_at IS NULL;

-- A request for everything that is held of somebody, under data protection law.
CREATE TABLE access_requests (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    received_on DATE NOT NULL,
    due_on DATE NOT NULL,
    how TEXT NOT NULL,                -- choice: portal::HowAsked
    note TEXT,
    state TEXT NOT NULL,              -- choice: portal::AccessState
    recorded_by UUID REFERENCES accounts (id),   -- NULL where the person asked on their own pages
    recorded_at TIMESTAMPTZ NOT NULL,
    reviewed_by UUID REFERENCES accounts (id),
    reviewed_at TIMESTAMPTZ,
    given_at TIMESTAMPTZ,
    given_how TEXT,
    content JSONB,                    -- what is given out, as it was reviewed
    version BIGINT NOT NULL
);
CREATE INDEX access_requests_case ON access_requests (case_id, received_on, id);
CREATE INDEX access_requests_open ON access_requests (team_id, due_on, id) WHERE state <> 'given';

-- What is left out of a copy, and why. Nothing is left out that no line here names.
CREATE TABLE access_redactions (
    id UUID PRIMARY KEY,
    request_id UUID NOT NULL REFERENCES access_requests (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    part TEXT NOT NULL,               -- the part of the copy, and which one in it
    reason TEXT NOT NULL,             -- choice: portal::WhyLeftOut
    note TEXT,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT access_redactions_part UNIQUE (request_id, part)
);
CREATE INDEX access_redactions_case ON access_redactions (case_id);

-- What the person decides and tells on their own pages has no account behind it: NULL is the person.
ALTER TABLE consents ADD COLUMN taken_by_account UUID REFERENCES accounts (id);
UPDATE consents SET taken_by_account = taken_by;
ALTER TABLE consents DROP COLUMN taken_by;
ALTER TABLE consents RENAME COLUMN taken_by_account TO taken_by;
ALTER TABLE plan_action_steps ADD COLUMN author_account UUID REFERENCES accounts (id);
UPDATE plan_action_steps SET author_account = author_id;
ALTER TABLE plan_action_steps DROP COLUMN author_id;
ALTER TABLE plan_action_steps RENAME COLUMN author_account TO author_id;
