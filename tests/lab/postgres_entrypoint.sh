#!/bin/sh
# Stands in for the official image's entrypoint: what its documentation promises to whoever sets
# these variables, above all that the first start's server listens on its socket alone.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # the arguments are words: $POSTGRES_INITDB_ARGS is split on purpose
    initdb --pgdata="$PGDATA" --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" \
        --no-sync $POSTGRES_INITDB_ARGS
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    printf "%s = '%s'\n" listen_addresses '*' unix_socket_directories "$PGHOST" fsync off \
        >>"$PGDATA/postgresql.conf"
    pg_ctl --pgdata="$PGDATA" --wait --silent -o "-c listen_addresses=''" start
    psql -X --no-password -v ON_ERROR_STOP=1 -d postgres -c "CREATE DATABASE $POSTGRES_DB"
    for file in /docker-entrypoint-initdb.d/*.sql; do
        psql -X --no-password -v ON_ERROR_STOP=1 -d "$POSTGRES_DB" -f "$file"
    done
    pg_ctl --pgdata="$PGDATA" --wait --silent --mode=fast stop
fi
exec "$@"
