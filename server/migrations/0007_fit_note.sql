-- fit_note ---------------------------------------------------------------------------------------

-- What a note says, in one of its revisions. Nothing is overwritten: a correction, and a change of standing, is the next revision.
CREATE TABLE fit_notes (
    id UUID PRIMARY KEY,
    root_id UUID NOT NULL,            -- the first revision's id
    revision BIGINT NOT NULL,
    superseded_by UUID REFERENCES fit_notes (id) DEFERRABLE INITIALLY DEFERRED,
    superseded_reason TEXT,
    case_id UUID NOT NULL REFERENCES cases (id),
    standing TEXT NOT NULL,           -- choice: fit_note::Standing
    same_as UUID,                     -- the root of the note that this one is a duplicate of
    assessed_on DATE NOT NULL,
    earlier_assessment_on DATE,
    issued_on DATE,
    condition TEXT,                   -- as it stands on the note
    code JSONB,                       -- fit_note::Code
    fitness TEXT NOT NULL,            -- choice: fit_note::Fitness
    supports JSONB NOT NULL,          -- choices: fit_note::Support
    comments TEXT,
    said_from_on DATE,                -- the period as the paper says it
    said_until_on DATE,
    said_length JSONB,                -- fit_note::Length
    from_on DATE NOT NULL,            -- the first and last day covered, worked out from what it says
    until_on DATE,                    -- NULL where it has no end
    reassess TEXT NOT NULL,           -- choice: fit_note::Reassess
    profession TEXT NOT NULL,         -- choice: fit_note::Profession
    practice TEXT,
    source TEXT NOT NULL,             -- choice: fit_note::Source
    seen TEXT NOT NULL,               -- choice: fit_note::Seen
    seen_by TEXT,                     -- the colleague who saw it
    warnings JSONB NOT NULL,          -- choices: fit_note::Warning; whoever recorded it said that the paper is like that
    recorded_by UUID REFERENCES accounts (id),  -- NULL where it was brought in
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX fit_notes_case ON fit_notes (case_id, from_on, id);
CREATE UNIQUE INDEX fit_notes_current ON fit_notes (root_id) WHERE superseded_by IS NULL;

-- Pictures and copies of the paper: cleaned of what cameras and programs write into them, and given out by one audited route only.
CREATE TABLE fit_note_photos (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    note_root UUID NOT NULL,          -- the note it shows, whatever revision
    kind TEXT NOT NULL,               -- choice: fit_note::PhotoKind
    content BYTEA NOT NULL,           -- cleaned; never what was sent
    sha256 TEXT NOT NULL,             -- of the content
    byte_count BIGINT NOT NULL,
    added_by UUID NOT NULL REFERENCES accounts (id),
    added_at TIMESTAMPTZ NOT NULL,
    removed_by UUID REFERENCES accounts (id),
    removed_at TIMESTAMPTZ,           -- no longer shown to anybody
    removed_reason TEXT
);
CREATE INDEX fit_note_photos_note ON fit_note_photos (case_id, note_root, added_at);

-- What each row of an imported file became: the same row brought in again doubles nothing.
CREATE TABLE fit_note_rows (
    source TEXT NOT NULL,
    row_key TEXT NOT NULL,
    case_id UUID NOT NULL REFERENCES cases (id),
    note_root UUID NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source, row_key)
);
CREATE INDEX fit_note_rows_case ON fit_note_rows (case_id);
