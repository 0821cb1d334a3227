-- What a sender sees of a referral depends on what the sender did and on what the sender is shown, never on what became of it.

ALTER TABLE referrals ADD COLUMN withdrawn_at TIMESTAMPTZ;      -- the sender withdrew it, perhaps after it was accepted: `status` says what became of it
ALTER TABLE referrals ADD COLUMN withdrawn_by UUID REFERENCES accounts (id);
-- Moves with what its sender may see alone. `version` moves with every step of the service, and would tell.
ALTER TABLE referrals ADD COLUMN sender_version BIGINT NOT NULL DEFAULT 1;
-- The place in the queue: 0 where a red flag is open, so that it comes first; 1 otherwise.
ALTER TABLE referrals ADD COLUMN queue BIGINT NOT NULL DEFAULT 1;

UPDATE referrals SET withdrawn_at = decided_at, withdrawn_by = decided_by WHERE status = 'withdrawn';
UPDATE referrals SET queue = 0 WHERE red_flags_confirmed_by IS NULL AND CAST(red_flags AS TEXT) <> '[]';

CREATE INDEX referrals_queue ON referrals (team_id, status, queue, sent_at, id);
