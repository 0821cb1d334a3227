-- The audit log. Rows are insert-only; the detail beside them may be erased by the retention job.
CREATE TABLE audit_events (
    xid BIGINT NOT NULL,              -- position in this era, in the order of writing
    id UUID NOT NULL CONSTRAINT audit_events_id PRIMARY KEY,
    era BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    name TEXT NOT NULL,               -- choice: event::Event
    account_id UUID,
    actor TEXT NOT NULL,              -- the role, or public, system, command_line
    person_id UUID,
    case_id UUID,
    subject_id UUID,
    fields TEXT,                      -- names of fields that changed, never values
    detail_hash TEXT,
    request_id TEXT
);
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is insert-only'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events is insert-only'); END;
CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON audit_seals BEGIN SELECT RAISE(ABORT, 'audit_seals is insert-only'); END;
CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals BEGIN SELECT RAISE(ABORT, 'audit_seals is insert-only'); END;
