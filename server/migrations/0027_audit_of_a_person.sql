-- A list is about nobody in particular: its event has no place among those of a person.
DROP INDEX audit_events_person;
CREATE INDEX audit_events_person ON audit_events (person_id, at) WHERE person_id IS NOT NULL;
