CREATE INDEX audit_events_person ON audit_events (person_id, at);
CREATE INDEX audit_events_at ON audit_events (at, id);
CREATE INDEX audit_events_era ON audit_events (era, xid);
-- The audit page is filtered by what happened or by who did it; both end in the key that it pages by.
CREATE INDEX audit_events_name ON audit_events (name, at, id);
CREATE INDEX audit_events_account ON audit_events (account_id, at, id);
