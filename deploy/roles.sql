-- Who may do what in the database: run once by the server's first start, and harmless when run again
-- (above all to give the owner the password that stands in the file, after a change).
\set ON_ERROR_STOP on
\set QUIET on
\set password `cat /run/secrets/owner/password`
SELECT length(:'password') < 32 AS no_password \gset
\if :no_password
DO $$ BEGIN RAISE EXCEPTION '/run/secrets/owner/password holds no password'; END $$;
\endif

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['heliograph', 'heliograph_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- Owns the tables, and may do nothing outside its database.
ALTER ROLE heliograph LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'password';
-- A group: who reads gets a role of their own within it. The schema grants it the views.
ALTER ROLE heliograph_reader NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

ALTER DATABASE heliograph OWNER TO heliograph;
REVOKE ALL ON DATABASE heliograph FROM PUBLIC;
GRANT CONNECT ON DATABASE heliograph TO heliograph_reader;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
