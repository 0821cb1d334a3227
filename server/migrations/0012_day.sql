-- What a mentor is told of on Today: complaints and harms that nobody has answered.
CREATE INDEX complaints_unanswered ON complaints (team_id, recorded_at, id) WHERE answered_at IS NULL;

-- A likely duplicate is also found where nobody knows the date of birth: by name, and then by telephone.
CREATE INDEX persons_name ON persons (name_key, id);
