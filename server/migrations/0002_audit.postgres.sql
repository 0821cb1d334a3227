-- The audit log. Rows are insert-only; the detail beside them may be erased by the retention job.
CREATE TABLE audit_events (
    xid BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),  -- the transaction: ids commit out of order, transactions settle
    id UUID NOT NULL CONSTRAINT audit_events_id PRIMARY KEY,
    era BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    name TEXT NOT NULL,
    account_id UUID,
    actor TEXT NOT NULL,
    person_id UUID,
    case_id UUID,
    subject_id UUID,
    fields TEXT,
    detail_hash TEXT,
    request_id TEXT
);
CREATE FUNCTION handrail_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER audit_events_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION handrail_insert_only();
CREATE TRIGGER audit_seals_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION handrail_insert_only();
