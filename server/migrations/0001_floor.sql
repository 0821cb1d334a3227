-- One text for SQLite and PostgreSQL. Instants are TIMESTAMPTZ in UTC, days are DATE in the service's time zone.
-- Where a column says "choice", its values are the codes of a list in `rules`.

CREATE TABLE installation (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    era BIGINT NOT NULL,              -- counts restores: audit positions are compared only within one era
    made_at TIMESTAMPTZ NOT NULL,
    demo BOOLEAN NOT NULL
);

-- identity ---------------------------------------------------------------------------------------

CREATE TABLE accounts (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL CONSTRAINT accounts_email UNIQUE,    -- folded to small letters
    name TEXT NOT NULL,
    role TEXT NOT NULL,               -- choice: permission::Role
    scope_kind TEXT NOT NULL,         -- practice, team, region, all
    scope_id UUID,
    password_hash TEXT NOT NULL,      -- Argon2id
    totp_secret TEXT,                 -- sealed with the account as associated data
    totp_step BIGINT NOT NULL,        -- the last step used: a code works once
    must_change_password BOOLEAN NOT NULL,
    disabled_at TIMESTAMPTZ,
    capacity BIGINT,                  -- cases in support; NULL takes the programme's
    signed_in_at TIMESTAMPTZ,         -- this time, and the time before: shown to the owner, who notices a stranger
    signed_in_before_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX accounts_scope ON accounts (scope_id, role, name);
CREATE INDEX accounts_name ON accounts (name, id);

CREATE TABLE recovery_codes (
    account_id UUID NOT NULL REFERENCES accounts (id),
    code_hash TEXT NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    started_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    second_step BOOLEAN NOT NULL      -- false until the one-time code was given, where one is asked for
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_seen ON sessions (seen_at);

CREATE TABLE limits (
    key TEXT NOT NULL,                -- what is limited, hashed where it names somebody
    window_at TIMESTAMPTZ NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (key, window_at)
);
CREATE INDEX limits_window ON limits (window_at);

CREATE TABLE drafts (
    id UUID PRIMARY KEY,
    account_id UUID REFERENCES accounts (id),   -- NULL for a public form, which is then held by owner_hash
    owner_hash TEXT,
    path TEXT NOT NULL,               -- the page it was typed on, without its query
    body TEXT NOT NULL,               -- the form as sent, url-encoded
    saved_at TIMESTAMPTZ NOT NULL,
    consumed_at TIMESTAMPTZ,
    result TEXT                       -- where the first submission led
);
CREATE INDEX drafts_account ON drafts (account_id, path, saved_at);
CREATE INDEX drafts_owner ON drafts (owner_hash, path);
CREATE INDEX drafts_saved ON drafts (saved_at);

CREATE TABLE searches (
    key TEXT PRIMARY KEY,             -- opaque: no name stands in an address or a log
    account_id UUID NOT NULL REFERENCES accounts (id),
    words TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX searches_made ON searches (made_at);

CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    state TEXT NOT NULL,              -- waiting, done, failed
    run_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL,
    claimed_until TIMESTAMPTZ,
    last_error TEXT,                  -- a code, never a person's words
    once_key TEXT CONSTRAINT jobs_once UNIQUE,   -- of work that comes again and again: there is one row of each
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);

-- organisation -----------------------------------------------------------------------------------

CREATE TABLE regions (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    ods_code TEXT NOT NULL,           -- the integrated care board of July 2022
    ons_code TEXT NOT NULL CONSTRAINT regions_ons_code UNIQUE,
    became TEXT NOT NULL,             -- what became of it on 1 April 2026
    until_on DATE                     -- the last day of the body, where it ended
);
CREATE TABLE practices (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    ods_code TEXT NOT NULL CONSTRAINT practices_ods_code UNIQUE,
    region_id UUID NOT NULL REFERENCES regions (id),
    phone TEXT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX practices_region ON practices (region_id);
CREATE INDEX practices_name ON practices (name, id);
CREATE TABLE providers (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT providers_name UNIQUE
);
CREATE TABLE employers (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL CONSTRAINT employers_name UNIQUE
);
CREATE TABLE teams (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    provider_id UUID NOT NULL REFERENCES providers (id)
);
CREATE TABLE programmes (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL CONSTRAINT programmes_slug UNIQUE,     -- in the address of the self-referral
    team_id UUID NOT NULL REFERENCES teams (id),
    parameters JSONB NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX programmes_team ON programmes (team_id);
-- Which organisations a programme covers, with days: bodies merge, practices move.
CREATE TABLE programme_organisations (
    programme_id UUID NOT NULL REFERENCES programmes (id),
    region_id UUID REFERENCES regions (id),
    practice_id UUID REFERENCES practices (id),
    from_on DATE NOT NULL,
    until_on DATE,
    CHECK ((region_id IS NULL) <> (practice_id IS NULL))
);
CREATE INDEX programme_organisations_programme ON programme_organisations (programme_id);
CREATE INDEX programme_organisations_practice ON programme_organisations (practice_id);
CREATE INDEX programme_organisations_region ON programme_organisations (region_id);
-- What is read out or shown, by version. A version is never changed; a new one is added.
CREATE TABLE wordings (
    id UUID PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    kind TEXT NOT NULL,               -- choice: consent::Kind
    version BIGINT NOT NULL,
    words TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT wordings_version UNIQUE (programme_id, kind, version)
);
CREATE TABLE referral_links (
    id UUID PRIMARY KEY,
    practice_id UUID NOT NULL REFERENCES practices (id),
    programme_id UUID NOT NULL REFERENCES programmes (id),
    token_hash TEXT NOT NULL CONSTRAINT referral_links_token UNIQUE,
    label TEXT NOT NULL,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX referral_links_practice ON referral_links (practice_id, made_at);
CREATE TABLE duty_rota (
    programme_id UUID NOT NULL REFERENCES programmes (id),
    position BIGINT NOT NULL,         -- 0 is first; an unacknowledged concern goes to the next
    account_id UUID NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (programme_id, position)
);
CREATE TABLE leaves (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    cancelled_at TIMESTAMPTZ
);
CREATE INDEX leaves_account ON leaves (account_id, until_on);

-- person -----------------------------------------------------------------------------------------

CREATE TABLE persons (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,               -- as the person gives it, whole
    known_as TEXT,
    name_key TEXT NOT NULL,           -- folded, for sorting
    born_on DATE,
    nhs_number TEXT,                  -- ten digits, checked; not unique: duplicates are linked, never repointed
    phone TEXT,
    email TEXT,
    address TEXT,
    postcode TEXT,
    preferred_way TEXT,               -- choice: person::PreferredWay
    preferred_time TEXT,
    safe_text TEXT NOT NULL,          -- choice: person::Answer
    safe_voicemail TEXT NOT NULL,
    safe_say_who TEXT NOT NULL,
    safe_letter TEXT NOT NULL,
    who_else TEXT,
    language TEXT,
    interpreter BOOLEAN NOT NULL,
    access_needs TEXT,
    employment TEXT NOT NULL,         -- choice: person::Employment
    job TEXT,
    employer_id UUID REFERENCES employers (id),
    days_a_week TEXT,                 -- as the person says it: "Mon, Tue, alternate Sat"
    hours_a_week BIGINT,              -- whole hours, 0 to 100
    version BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX persons_nhs_number ON persons (nhs_number);
CREATE INDEX persons_born ON persons (born_on, name_key);

-- "These two records are one person", and later "they are not": merging reads this and moves nothing.
CREATE TABLE person_links (
    person_id UUID NOT NULL REFERENCES persons (id),
    other_id UUID NOT NULL REFERENCES persons (id),
    same BOOLEAN NOT NULL,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (person_id, other_id, made_at)
);

-- referral ---------------------------------------------------------------------------------------

CREATE TABLE referrals (
    id UUID PRIMARY KEY,
    reference TEXT NOT NULL CONSTRAINT referrals_reference UNIQUE,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    practice_id UUID REFERENCES practices (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    route TEXT NOT NULL,              -- choice: organisation::Route
    status TEXT NOT NULL,             -- choice: referral::Status
    sent_by UUID REFERENCES accounts (id),   -- NULL by a link or by the person
    sender_name TEXT,
    sender_role TEXT,
    agreed BOOLEAN NOT NULL,          -- "the patient agreed", ticked
    about JSONB,                      -- who it is for as the sender wrote it: the person's record moves on, and the sender is not shown how
    reason TEXT,                      -- why now, in the sender's or the person's words
    absent_since DATE,                -- as the person says
    fit_note BOOLEAN,
    fit_note_until_on DATE,
    red_flags JSONB NOT NULL,         -- choices: referral::RedFlag
    red_flags_confirmed_by TEXT,      -- the clinician who says that they are dealt with
    red_flags_confirmed_at TIMESTAMPTZ,
    findings JSONB NOT NULL,          -- eligibility, each criterion with who and when
    decided_by UUID REFERENCES accounts (id),
    decided_at TIMESTAMPTZ,
    decline_reason TEXT,              -- choice: referral::DeclineReason
    decline_note TEXT,
    sent_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX referrals_team ON referrals (team_id, status, sent_at, id);
CREATE INDEX referrals_practice ON referrals (practice_id, sent_at, id);
CREATE INDEX referrals_person ON referrals (person_id);
CREATE INDEX referrals_decided ON referrals (status, decided_at);
CREATE INDEX referrals_programme ON referrals (programme_id, status);

CREATE TABLE referral_amendments (
    id UUID PRIMARY KEY,
    referral_id UUID NOT NULL REFERENCES referrals (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    field TEXT NOT NULL,              -- choice: referral::Field
    before TEXT,
    after TEXT,
    made_by UUID REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ
);
CREATE INDEX referral_amendments_referral ON referral_amendments (referral_id, made_at);
CREATE INDEX referral_amendments_unread ON referral_amendments (referral_id) WHERE read_at IS NULL;
CREATE INDEX referral_amendments_to_read ON referral_amendments (team_id, made_at, id) WHERE read_at IS NULL;

-- caseload ---------------------------------------------------------------------------------------

CREATE TABLE cases (
    id UUID PRIMARY KEY,
    reference TEXT NOT NULL CONSTRAINT cases_reference UNIQUE,
    person_id UUID NOT NULL REFERENCES persons (id),
    referral_id UUID NOT NULL REFERENCES referrals (id),
    programme_id UUID NOT NULL REFERENCES programmes (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    practice_id UUID REFERENCES practices (id),
    worker_id UUID REFERENCES accounts (id),
    status TEXT NOT NULL,             -- choice: caseload::Status
    step TEXT NOT NULL,               -- choice: caseload::Step
    name_key TEXT NOT NULL,           -- the person's, copied for sorting
    referred_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ NOT NULL,
    first_contact_at TIMESTAMPTZ,
    last_contact_at TIMESTAMPTZ,
    next_contact_at TIMESTAMPTZ NOT NULL,  -- '9999-12-31' where none is planned, so that it sorts last and pages stay simple
    note_until_on DATE,
    contacts_done BIGINT NOT NULL,
    tries_since BIGINT NOT NULL,      -- without an answer since the last contact that was done
    open_concerns BIGINT NOT NULL,
    closed_at TIMESTAMPTZ,
    held BOOLEAN NOT NULL,            -- under a legal hold
    version BIGINT NOT NULL
);
CREATE INDEX cases_mine_by_name ON cases (worker_id, status, name_key, id);
CREATE INDEX cases_mine_by_next ON cases (worker_id, status, next_contact_at, id);
CREATE INDEX cases_mine_by_referred ON cases (worker_id, status, referred_at, id);
CREATE INDEX cases_team_by_name ON cases (team_id, status, name_key, id);
CREATE INDEX cases_team_by_next ON cases (team_id, status, next_contact_at, id);
CREATE INDEX cases_team_by_referred ON cases (team_id, status, referred_at, id);
CREATE INDEX cases_worker_note ON cases (worker_id, status, note_until_on);
CREATE INDEX cases_mine_ended ON cases (worker_id, closed_at, id) WHERE status = 'closed';
CREATE INDEX cases_team_ended ON cases (team_id, closed_at, id) WHERE status = 'closed';
CREATE INDEX cases_unassigned ON cases (team_id, status, referred_at, id) WHERE worker_id IS NULL;
CREATE INDEX cases_concerns ON cases (team_id, id) WHERE open_concerns > 0;
CREATE INDEX cases_person ON cases (person_id);
CREATE INDEX cases_referral ON cases (referral_id);
CREATE INDEX cases_closed ON cases (status, closed_at);
CREATE INDEX cases_programme ON cases (programme_id, status, id);

CREATE TABLE case_words (
    team_id UUID NOT NULL,
    word TEXT NOT NULL,               -- folded
    case_id UUID NOT NULL REFERENCES cases (id),
    PRIMARY KEY (team_id, word, case_id)
);
CREATE INDEX case_words_case ON case_words (case_id);

-- Counts by worker, kept in the transaction that changes them; `rebuild` proves that they agree with the facts.
-- Unassigned cases count under worker '00000000-0000-0000-0000-000000000000'.
CREATE TABLE case_counts (
    team_id UUID NOT NULL,
    worker_id UUID NOT NULL,
    status TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (team_id, worker_id, status)
);

CREATE TABLE step_changes (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    from_step TEXT NOT NULL,
    to_step TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX step_changes_case ON step_changes (case_id, made_at);

CREATE TABLE handovers (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,               -- choice: caseload::HandoverKind
    from_worker UUID REFERENCES accounts (id),
    to_worker UUID NOT NULL REFERENCES accounts (id),
    from_on DATE NOT NULL,
    until_on DATE,                    -- NULL for good
    reason TEXT,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX handovers_case ON handovers (case_id, made_at);
CREATE INDEX handovers_cover ON handovers (to_worker, kind, until_on);
-- What became of each case of one hand-over, for the page that says so.
CREATE TABLE handover_results (
    batch_id UUID NOT NULL,
    case_id UUID NOT NULL REFERENCES cases (id),
    result TEXT NOT NULL,             -- choice: caseload::HandedOver
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (batch_id, case_id)
);
CREATE INDEX handover_results_case ON handover_results (case_id);

CREATE TABLE closures (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    reason TEXT NOT NULL,             -- choice: close::Reason
    work_status TEXT NOT NULL,        -- choice: contact::WorkStatus
    what_helped TEXT,                 -- the person's words
    note TEXT,
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    reopened_by UUID REFERENCES accounts (id),
    reopened_at TIMESTAMPTZ,
    reopen_reason TEXT
);
CREATE INDEX closures_case ON closures (case_id, made_at);

-- consent ----------------------------------------------------------------------------------------

CREATE TABLE consents (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,               -- choice: consent::Kind
    decision TEXT NOT NULL,           -- choice: consent::Decision
    mode TEXT NOT NULL,               -- choice: consent::Mode
    wording_id UUID REFERENCES wordings (id),
    note TEXT,
    taken_by UUID NOT NULL REFERENCES accounts (id),
    taken_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX consents_case ON consents (case_id, kind, taken_at);

-- contact ----------------------------------------------------------------------------------------

CREATE TABLE contacts (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,            -- the first revision's id
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES contacts (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    author_id UUID NOT NULL REFERENCES accounts (id),
    outcome TEXT NOT NULL,            -- choice: contact::Outcome
    mode TEXT NOT NULL,               -- choice: contact::Mode
    with_whom TEXT NOT NULL,          -- choice: contact::With
    planned_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL,
    minutes BIGINT,                   -- 0 to 600
    admin_minutes BIGINT,             -- write-up, letters, liaison; 0 to 600
    attempt BIGINT NOT NULL,
    step TEXT NOT NULL,               -- at the time
    work_status TEXT,                 -- choice: contact::WorkStatus
    targets JSONB NOT NULL,
    processes JSONB NOT NULL,
    readings JSONB NOT NULL,          -- contact::Reading
    next_step TEXT,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX contacts_case ON contacts (case_id, started_at, id);
CREATE UNIQUE INDEX contacts_current ON contacts (root_id) WHERE superseded_by IS NULL;

CREATE TABLE planned_contacts (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    worker_id UUID NOT NULL REFERENCES accounts (id),
    at TIMESTAMPTZ NOT NULL,
    mode TEXT NOT NULL,
    purpose TEXT,
    state TEXT NOT NULL,              -- planned, recorded, moved, cancelled
    contact_id UUID REFERENCES contacts (id),
    moved_to UUID REFERENCES planned_contacts (id) DEFERRABLE INITIALLY DEFERRED,
    moved_by TEXT,                    -- choice: contact::MovedBy
    moved_reason TEXT,                -- or why it was cancelled
    made_by UUID NOT NULL REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX planned_contacts_worker ON planned_contacts (worker_id, state, at);
CREATE INDEX planned_contacts_case ON planned_contacts (case_id, at);
CREATE UNIQUE INDEX planned_contacts_one_planned ON planned_contacts (case_id) WHERE state = 'planned';

-- Two kinds of note with two audiences are two tables: nothing that reads the one can show the other.
CREATE TABLE shared_notes (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES shared_notes (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    contact_id UUID,                  -- the root of the contact it was written with
    author_id UUID NOT NULL REFERENCES accounts (id),
    words TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX shared_notes_case ON shared_notes (case_id, written_at);
CREATE UNIQUE INDEX shared_notes_current ON shared_notes (root_id) WHERE superseded_by IS NULL;
CREATE TABLE working_notes (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES working_notes (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    contact_id UUID,
    author_id UUID NOT NULL REFERENCES accounts (id),
    words TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX working_notes_case ON working_notes (case_id, author_id, written_at);
CREATE UNIQUE INDEX working_notes_current ON working_notes (root_id) WHERE superseded_by IS NULL;

-- safety -----------------------------------------------------------------------------------------

CREATE TABLE concerns (
    id UUID PRIMARY KEY,
    case_id UUID REFERENCES cases (id),
    referral_id UUID REFERENCES referrals (id),
    programme_id UUID NOT NULL REFERENCES programmes (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    kind TEXT NOT NULL,               -- choice: safety::Kind
    what TEXT NOT NULL,               -- what was said or seen
    state TEXT NOT NULL,              -- choice: safety::State
    raised_by UUID REFERENCES accounts (id),   -- NULL where an answer on a public form raised it
    raised_at TIMESTAMPTZ NOT NULL,
    with_account UUID REFERENCES accounts (id),
    with_since TIMESTAMPTZ NOT NULL,
    acknowledged_at TIMESTAMPTZ,
    closed_by UUID REFERENCES accounts (id),
    closed_at TIMESTAMPTZ,
    close_reason TEXT,                -- choice: safety::CloseReason
    close_note TEXT,
    version BIGINT NOT NULL,
    CHECK (case_id IS NOT NULL OR referral_id IS NOT NULL)   -- both, once the referral became a case
);
CREATE INDEX concerns_team ON concerns (team_id, state, raised_at, id);
CREATE INDEX concerns_team_closed ON concerns (team_id, state, closed_at, id);
CREATE INDEX concerns_waiting ON concerns (state, with_since, id);
CREATE INDEX concerns_case ON concerns (case_id, raised_at);
CREATE INDEX concerns_referral ON concerns (referral_id);
CREATE INDEX concerns_with ON concerns (with_account, state);
-- Who was told and when, what was done, and the least that was disclosed.
CREATE TABLE concern_steps (
    id UUID PRIMARY KEY,
    concern_id UUID NOT NULL REFERENCES concerns (id),
    kind TEXT NOT NULL,               -- choice: safety::StepKind
    words TEXT NOT NULL,              -- for a disclosure: the minimum that was told
    to_whom TEXT,
    why TEXT,
    person_told TEXT,                 -- choice: safety::Told
    happened_at TIMESTAMPTZ NOT NULL,
    made_by UUID REFERENCES accounts (id),
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX concern_steps_concern ON concern_steps (concern_id, happened_at);

CREATE TABLE complaints (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    kind TEXT NOT NULL,               -- choice: safety::ComplaintKind
    words TEXT NOT NULL,
    about_worker UUID REFERENCES accounts (id),
    worker_may_see BOOLEAN NOT NULL,  -- only if the person says so
    recorded_by UUID NOT NULL REFERENCES accounts (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    answered_by UUID REFERENCES accounts (id),
    answered_at TIMESTAMPTZ,
    answer TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX complaints_team ON complaints (team_id, recorded_at, id);
CREATE INDEX complaints_case ON complaints (case_id);

-- retention --------------------------------------------------------------------------------------

CREATE TABLE legal_holds (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    reason TEXT NOT NULL,
    set_by UUID NOT NULL REFERENCES accounts (id),
    set_at TIMESTAMPTZ NOT NULL,
    lifted_by UUID REFERENCES accounts (id),
    lifted_at TIMESTAMPTZ
);
CREATE INDEX legal_holds_case ON legal_holds (case_id);
CREATE INDEX legal_holds_set ON legal_holds (set_at, id);
CREATE TABLE disposals (
    id UUID PRIMARY KEY,
    class TEXT NOT NULL,              -- choice: retention::Class
    record_id UUID NOT NULL,          -- of what went; nothing of what it said
    trigger_on DATE NOT NULL,
    disposed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX disposals_at ON disposals (disposed_at, id);

-- import -----------------------------------------------------------------------------------------

-- What each row of an imported file became: the same row brought in again doubles nothing.
CREATE TABLE imported_rows (
    source TEXT NOT NULL,             -- the name the mapping file gives to the system the rows come from
    row_key TEXT NOT NULL,            -- the row's own number there, or a hash of its cells
    case_id UUID NOT NULL REFERENCES cases (id),
    imported_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source, row_key)
);
CREATE INDEX imported_rows_case ON imported_rows (case_id);

-- audit (the log itself is in the next migration, where the databases differ) -----------------------

CREATE TABLE audit_details (
    event_id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    detail TEXT NOT NULL              -- canonical text; its hash stays in the log when it is erased
);
CREATE INDEX audit_details_at ON audit_details (at);
CREATE TABLE audit_seals (
    number BIGINT PRIMARY KEY,        -- from 1, without gaps
    era BIGINT NOT NULL,
    from_xid BIGINT NOT NULL,         -- the first position sealed
    to_xid BIGINT NOT NULL,           -- the first position not sealed
    events BIGINT NOT NULL,
    digest TEXT NOT NULL,             -- HMAC of the events and of the seal before, keyed outside the database
    key_id TEXT NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL
);
