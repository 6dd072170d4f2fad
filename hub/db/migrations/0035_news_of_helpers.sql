-- What a person in danger was told last of those who come, so that nothing is told twice.

ALTER TABLE alarm ADD COLUMN told text;
