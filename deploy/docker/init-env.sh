#!/bin/sh
# Makes .env with fresh secrets for docker-compose.yml; it never touches one that is there.
# Usage: sh deploy/docker/init-env.sh [FILE]      (FILE: .env beside docker-compose.yml)
set -eu

file=${1:-"$(dirname "$0")/../../.env"}
if [ -e "$file" ]; then
  echo "ENV_EXISTS  $file is there already → keep it, or remove it (the database keeps its old password) and run this again" >&2
  exit 1
fi

hex() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }
sha256() { if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

key_id=$(hex 6)
secret=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
secret_hash=$(printf '%s' "$secret" | sha256)

umask 077
cat >"$file" <<END
# Made by deploy/docker/init-env.sh. Secrets: keep this file out of git and of images.
MAKEGOOD_DB_PASSWORD=$(hex 24)
# The first admin key, for people and the command line; services know only its hash.
MAKEGOOD_ADMIN_KEY=mg_${key_id}_${secret}
MAKEGOOD_BOOTSTRAP_KEY=${key_id}:${secret_hash}
END
echo "wrote $file"
