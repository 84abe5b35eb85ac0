-- One row, one column: the newest change that the system knows of.
-- Good: the time of the last message of the interface, or of the last transaction that the replica has applied.
-- Bad: the time of day (always new), or the newest admission (old on a quiet night, and the display turns stale).
SELECT i.last_message_time AS newest
FROM epr_interface_state i
