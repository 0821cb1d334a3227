-- message ----------------------------------------------------------------------------------------

-- One outbox. A row is written in the transaction that causes it, and a job sends it. No number, address, body or link stands here in the open.
CREATE TABLE messages (
    id UUID PRIMARY KEY,
    to_kind TEXT NOT NULL,            -- person, recipient, sender (of a text that came), staff
    case_id UUID REFERENCES cases (id),
    person_id UUID REFERENCES persons (id),
    document_id UUID,
    account_id UUID REFERENCES accounts (id),
    asked_channel TEXT,               -- choice: message::Channel, where whoever queued it said which
    channel TEXT,                     -- choice: message::Channel, decided at the moment of sending
    template TEXT NOT NULL,           -- choice: message::Template
    template_version BIGINT,          -- the version that was sent
    language TEXT,
    says TEXT,                        -- choice: message::Says, as it was sent
    body_sealed TEXT,                 -- fields and, for whoever is no person of ours, the address; erased once the state is final
    cause TEXT NOT NULL CONSTRAINT messages_cause UNIQUE,     -- one cause queues one message
    state TEXT NOT NULL,              -- choice: message::State
    why TEXT,                         -- choice: message::Why
    attempts BIGINT NOT NULL,
    next_at TIMESTAMPTZ,              -- when to look at it again; NULL where nothing is to be done
    expires_at TIMESTAMPTZ NOT NULL,  -- of no more use after this
    counts BOOLEAN NOT NULL,          -- one of the few a week
    provider TEXT,
    provider_ref TEXT,
    number_hash TEXT,                 -- keyed hash of the number it went to, so that an answer finds its way
    made_at TIMESTAMPTZ NOT NULL,
    tried_at TIMESTAMPTZ,             -- the last time it was handed over
    sent_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);
CREATE INDEX messages_due ON messages (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX messages_case ON messages (case_id, id);
CREATE INDEX messages_person ON messages (person_id, sent_at);
CREATE INDEX messages_number ON messages (number_hash, tried_at);
CREATE INDEX messages_document ON messages (document_id);
CREATE INDEX messages_provider ON messages (provider_ref);
CREATE INDEX messages_of_no_case ON messages (made_at, id) WHERE case_id IS NULL;

CREATE TABLE message_states (
    id UUID PRIMARY KEY,
    message_id UUID NOT NULL REFERENCES messages (id),
    state TEXT NOT NULL,              -- choice: message::State
    why TEXT,                         -- choice: message::Why
    made_by UUID REFERENCES accounts (id),
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX message_states_message ON message_states (message_id, at, id);

-- What a person chose about how messages come. The newest is in force.
CREATE TABLE message_choices (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    says TEXT NOT NULL,               -- choice: message::Says
    safe_email TEXT NOT NULL,         -- choice: person::Answer
    days TEXT NOT NULL,               -- choice: message::Days
    from_hour BIGINT NOT NULL,        -- 0 to 23
    until_hour BIGINT NOT NULL,       -- 1 to 24
    language TEXT NOT NULL,           -- the code of a message file
    chosen_by UUID REFERENCES accounts (id),      -- who wrote it down; NULL for the person themselves
    chosen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX message_choices_person ON message_choices (person_id, chosen_at, id);
CREATE INDEX message_choices_case ON message_choices (case_id);

CREATE TABLE opt_outs (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES persons (id),
    channel TEXT NOT NULL,            -- choice: message::Channel
    from_at TIMESTAMPTZ NOT NULL,
    until_at TIMESTAMPTZ,             -- when they asked to start again
    how TEXT NOT NULL,                -- text, wrong_number, link, staff, person
    made_by UUID REFERENCES accounts (id)
);
CREATE UNIQUE INDEX opt_outs_in_force ON opt_outs (person_id, channel) WHERE until_at IS NULL;
CREATE INDEX opt_outs_person ON opt_outs (person_id);

-- The link in a message that stops this way of reaching somebody.
CREATE TABLE stop_links (
    token_hash TEXT PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES persons (id),
    channel TEXT NOT NULL,            -- choice: message::Channel
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX stop_links_person ON stop_links (person_id);

-- Texts that came. One from a number that we do not know stands apart, without a case, until somebody says whose it is.
CREATE TABLE inbound_messages (
    id UUID PRIMARY KEY,
    provider TEXT NOT NULL,
    provider_ref TEXT NOT NULL,
    number_sealed TEXT NOT NULL,
    number_hash TEXT NOT NULL,
    words TEXT NOT NULL,              -- as they wrote it
    said TEXT NOT NULL,               -- stop, start, wrong_number, words
    case_id UUID REFERENCES cases (id),
    person_id UUID REFERENCES persons (id),
    message_id UUID REFERENCES messages (id),     -- what it most likely answers
    received_at TIMESTAMPTZ NOT NULL,
    read_by_on DATE NOT NULL,         -- the next working day
    understood_at TIMESTAMPTZ,        -- it was a plain answer to a question, and needs no reader
    read_at TIMESTAMPTZ,
    read_by UUID REFERENCES accounts (id),
    matched_at TIMESTAMPTZ,           -- somebody said whose it is
    matched_by UUID REFERENCES accounts (id),
    CONSTRAINT inbound_messages_once UNIQUE (provider, provider_ref)
);
CREATE INDEX inbound_messages_case ON inbound_messages (case_id, id);
CREATE INDEX inbound_messages_unread ON inbound_messages (case_id, received_at) WHERE read_at IS NULL AND understood_at IS NULL;
CREATE INDEX inbound_messages_unknown ON inbound_messages (received_at, id) WHERE case_id IS NULL;
CREATE INDEX inbound_messages_message ON inbound_messages (message_id);
