-- What the ledger writes for one settlement, in one server-side function: the peer of the daemon.
-- It checks no PIN, sorts no item and splits no bill; the amounts are given.
CREATE FUNCTION bench_settle(
    writer_id bigint, terminal_id text, stan_no integer, person_id bigint, entry_bytes bytea
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    held account%ROWTYPE;
    seq_no bigint;
    booked integer := 20261123;
BEGIN
    PERFORM 1 FROM answer WHERE terminal = terminal_id AND date = booked AND stan = stan_no;
    IF FOUND THEN RETURN 0; END IF;
    PERFORM row FROM card WHERE token = substr(sha256(person_id::text::bytea), 1, 16);
    PERFORM row FROM person WHERE person = person_id;
    PERFORM row FROM family WHERE person = person_id;
    SELECT * INTO held FROM account WHERE person = person_id FOR UPDATE;
    -- As the daemon numbers entries: time, writer, count.
    seq_no := ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint << 10) | writer_id;
    UPDATE account SET balance = balance - 1, entries = entries + 1, seq = seq_no, prior = seq
        WHERE person = person_id;
    INSERT INTO answer VALUES (terminal_id, booked, stan_no, 18, 0, 0, person_id, seq_no, 0);
    INSERT INTO journal VALUES (person_id, seq_no, NULL, 1, booked, 18, -1, held.balance - 1,
        '20261123-' || terminal_id || '-' || stan_no, true, false, 1, entry_bytes);
    INSERT INTO settlement VALUES (person_id, terminal_id, booked, stan_no, 1, 'P99010000001',
        booked, booked, 1000, 500, 0, 0, 400, 0, 100, seq_no, 0);
    INSERT INTO day VALUES ('P99010000001', booked, terminal_id, booked, stan_no, 18, NULL, 1,
        990100, 990100, 1, 1000, 500, 0, 0, 400, 0, 100, seq_no, 0);
    IF person_id % 2 = 0 THEN
        INSERT INTO accumulator AS t VALUES (person_id, 2026, 1, '\x0102030405', seq_no, 0)
            ON CONFLICT (person, year, category) DO UPDATE SET row = excluded.row, seq = excluded.seq;
    END IF;
    INSERT INTO total AS t VALUES (writer_id, 'institution:P99010000001', 900)
        ON CONFLICT (writer, account) DO UPDATE SET balance = t.balance + excluded.balance;
    RETURN seq_no;
END $$;
