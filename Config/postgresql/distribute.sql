-- Distributes the tables of a new, empty ledger over a Citus cluster; run once, at the coordinator, after
-- `settlectl store migrate` and before the first daemon. See README.md beside this file.
BEGIN;

-- Small, read by everybody, the same on every node.
SELECT create_reference_table('meta');
SELECT create_reference_table('institution');
SELECT create_reference_table('terminal');
SELECT create_reference_table('policy');
SELECT create_reference_table('catalog');
SELECT create_reference_table('business_date');

-- By person: what one payment changes lies together.
SELECT create_distributed_table('account', 'person');
SELECT create_distributed_table('person', 'person', colocate_with => 'account');
SELECT create_distributed_table('family', 'person', colocate_with => 'account');
SELECT create_distributed_table('family_owner', 'person', colocate_with => 'account');
SELECT create_distributed_table('accumulator', 'person', colocate_with => 'account');
SELECT create_distributed_table('usage', 'person', colocate_with => 'account');
SELECT create_distributed_table('credit', 'person', colocate_with => 'account');
SELECT create_distributed_table('contribution', 'person', colocate_with => 'account');
SELECT create_distributed_table('open_stays', 'person', colocate_with => 'account');
SELECT create_distributed_table('settlement', 'person', colocate_with => 'account');
SELECT create_distributed_table('journal', 'account', colocate_with => 'account');

-- By terminal.
SELECT create_distributed_table('answer', 'terminal', colocate_with => 'none');
SELECT create_distributed_table('admission', 'terminal', colocate_with => 'answer');
SELECT create_distributed_table('fee_upload', 'terminal', colocate_with => 'answer');
SELECT create_distributed_table('claim', 'terminal', colocate_with => 'answer');

-- By institution.
SELECT create_distributed_table('day', 'institution', colocate_with => 'none');
SELECT create_distributed_table('clearing', 'institution', colocate_with => 'day');
SELECT create_distributed_table('declaration_line', 'institution', colocate_with => 'day');

-- By themselves.
SELECT create_distributed_table('card', 'number', colocate_with => 'none');
SELECT create_distributed_table('trace_code', 'code', colocate_with => 'none');
SELECT create_distributed_table('bill', 'code', colocate_with => 'none');
SELECT create_distributed_table('writer', 'id', colocate_with => 'none');
SELECT create_distributed_table('total', 'writer', colocate_with => 'writer');

COMMIT;
