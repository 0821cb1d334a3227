-- A number that asked to stop is looked up before each text to it.
CREATE INDEX inbound_messages_number ON inbound_messages (number_hash, received_at);
