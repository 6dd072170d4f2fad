-- What was measured before acceptance and dispatch could be late lacks these marks. The worker measures the whole
-- journal again; until it has, the indicators say how many entries they are behind.

TRUNCATE case_measure, signal_measure, press_measure, measure_tally;
UPDATE indicator_cursor SET journal_id = 0, mark = '';
