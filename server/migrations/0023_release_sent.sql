-- What a worker still has to do with a document, and who wrote down an answer that came on paper or by telephone.

ALTER TABLE documents ADD COLUMN sent_at TIMESTAMPTZ;    -- when the service sent it, or a worker did
ALTER TABLE documents ADD COLUMN answers_unread BOOLEAN NOT NULL DEFAULT FALSE; -- the person saw an answer that no worker has read
ALTER TABLE documents ADD COLUMN waits TEXT;             -- choice: release::Waits; what a worker does next
CREATE INDEX documents_waits ON documents (case_id) WHERE waits IS NOT NULL;
DROP INDEX documents_waiting;

ALTER TABLE document_answers ADD COLUMN recorded_by UUID REFERENCES accounts (id);
