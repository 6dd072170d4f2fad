-- Signals that a person has put into their case, or taken out of one: nothing moves them by itself.
CREATE TABLE signal_held (
    signal_id bigint PRIMARY KEY REFERENCES signal
);
