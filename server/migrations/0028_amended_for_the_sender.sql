-- The team wrote it down for a sender who has no pages here. Whoever wrote it may have another role one day, so it is not asked of their account.
ALTER TABLE referral_amendments ADD COLUMN for_sender BOOLEAN NOT NULL DEFAULT FALSE;
