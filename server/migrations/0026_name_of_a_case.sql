-- The person's name, copied beside its key: a list of cases reads one table. Whoever renames a person renames their cases in the same transaction.
ALTER TABLE cases ADD COLUMN person_name TEXT NOT NULL DEFAULT '';
UPDATE cases SET person_name = (SELECT name FROM persons WHERE id = cases.person_id);
