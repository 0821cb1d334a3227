-- A text from a number nobody knows that has a worrying word in it: whoever is on duty sees it at once.

ALTER TABLE inbound_messages ADD COLUMN worrying BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX inbound_messages_worrying ON inbound_messages (received_at) WHERE worrying AND case_id IS NULL AND read_at IS NULL;
