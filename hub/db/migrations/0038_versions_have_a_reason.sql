-- Why a version of the catalogue was made: an import, or the ruling of a joint study.

ALTER TABLE catalogue_version ADD COLUMN reason text NOT NULL DEFAULT '';
