\set person random(1, :persons)
\set stan random(1, 999999)
\set run random(0, 9999)
SELECT bench_settle(:client_id, 'C' || lpad((:client_id * 10000 + :run)::text, 7, '0'), :stan, :person, :entry::bytea);
