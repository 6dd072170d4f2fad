-- What names that are no units stand for in a district's lists (各产权单位, 属地), as a person confirmed it.

CREATE TABLE unit_mapping (
    plain_name text PRIMARY KEY,  -- without blanks, for comparison
    name text NOT NULL,
    stands_for text NOT NULL,  -- the key of a unit, or study, or territory
    confirmed_by text NOT NULL,
    confirmed_at timestamptz NOT NULL
);
