#!/usr/bin/env bash
# Run once by the PostGIS image, when its data directory is new: what only the superuser may make, as
# geo_registry/db/cluster/provision.py makes it for the embedded database, with passwords besides.
set -euo pipefail

: "${GEO_OWNER_PASSWORD:?}" "${GEO_APP_PASSWORD:?}"

# Passwords go in as psql variables, quoted by psql: no value is ever part of a statement's text.
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
  --set=owner_password="$GEO_OWNER_PASSWORD" --set=app_password="$GEO_APP_PASSWORD" <<'SQL'
CREATE ROLE geo_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE geo_app LOGIN PASSWORD :'app_password';
-- Sorting by code points is the same on every machine; the ctype knows which code points are letters.
CREATE DATABASE geo_registry OWNER geo_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE geo_registry FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE geo_registry TO geo_app;
\connect geo_registry
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO geo_app;
CREATE EXTENSION postgis;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
SQL
