CREATE INDEX audit_events_person ON audit_events (person_id, at);
CREATE INDEX audit_events_at ON audit_events (at, id);
CREATE INDEX audit_events_era ON audit_events (era, xid);
