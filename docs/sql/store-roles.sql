-- Three roles for the store on PostgreSQL (15 or newer), so that what walls show cannot read a patient's row.
--
-- Run it as a superuser in the store's own database, after the program's first start and again after every upgrade of
-- the program:
--
--     psql -v ON_ERROR_STOP=1 -d ward -f store-roles.sql
--
-- The roles can log in and have no password: give each its own with \password, and let pg_hba.conf ask for it.
-- It may be run as often as you like, and sets every right anew: what it does not name is taken away.

BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ward_walls') THEN
        CREATE ROLE ward_walls LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ward_desk') THEN
        CREATE ROLE ward_desk LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
END $$;

-- Nobody has a right because nobody took it away.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, ward_walls, ward_desk;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, ward_walls, ward_desk;
GRANT USAGE ON SCHEMA public TO ward_walls, ward_desk;
GRANT SELECT ON alembic_version TO ward_walls, ward_desk;

-- What walls, charts, screens and looking back show: figures and orders to screens, without a patient. Read only.
GRANT SELECT ON series, reading, snapshot, current, poll, accepted, thinning, chart_point, screen_order TO ward_walls;

-- Signing in, pairing and the desk. The audit record can be read and added to, never changed.
GRANT SELECT ON worklist TO ward_desk;
GRANT SELECT, INSERT ON audit TO ward_desk;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, account, device, pairing TO ward_desk;
GRANT USAGE ON SEQUENCE device_number_seq TO ward_desk;

-- What teams say of themselves, in every table of theirs that this version has.
DO $$
DECLARE
    one regclass;
BEGIN
    FOR one IN
        SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname LIKE 'team\_%'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM ward_desk', one);
        EXECUTE format('GRANT SELECT, INSERT ON %s TO ward_desk', one);
    END LOOP;
    FOR one IN
        SELECT s.oid::regclass
        FROM pg_class s
        JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
        JOIN pg_class c ON c.oid = d.refobjid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE s.relkind = 'S' AND n.nspname = 'public' AND c.relname LIKE 'team\_%'
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO ward_desk', one);
    END LOOP;
END $$;

COMMIT;
