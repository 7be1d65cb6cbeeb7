#!/bin/sh
# Makes the passwords and the token of a new place, each once: what is there is never replaced.
# A file appears whole or not at all, for its owner alone (0400).
set -eu
umask 077

make() {
    [ -e "$1" ] && return
    new="$(mktemp "$1.XXXXXX")"
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$new"
    [ "$(wc -c <"$new")" -eq 48 ]
    chmod 0400 "$new"
    ln "$new" "$1" 2>/dev/null || [ -e "$1" ] # another start may have been quicker
    rm -f "$new"
    echo "made $1"
}

folder="${1:-/run/secrets}"
make "$folder/superuser/password"
make "$folder/owner/password"
make "$folder/control/token"
