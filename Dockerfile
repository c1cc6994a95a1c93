# The product as an image: the same locks as everywhere else, in two stages, run by a user without rights.
# compose.yaml runs it beside a PostGIS server.

# A mirror's name can stand in front: --build-arg PYTHON_IMAGE=…
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
WORKDIR /opt/geo-registry

# From what changes seldom to what changes often, so that a change of code builds in seconds.
COPY scripts/uv.lock scripts/uv.lock
RUN python -m venv /opt/uv \
  && /opt/uv/bin/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: -r scripts/uv.lock

# The lock holds the development tools too: one set of versions, the one that was tested.
COPY requirements.lock requirements.lock
RUN --mount=type=cache,target=/root/.cache/uv \
  /opt/uv/bin/uv venv --quiet .venv \
  && /opt/uv/bin/uv pip sync --quiet --python .venv/bin/python --compile-bytecode --no-build \
    --require-hashes requirements.lock

COPY package.json package-lock.json .npmrc ./
COPY scripts/vendor.py scripts/vendor.py
RUN --mount=type=cache,target=/root/.npm \
  PATH=/opt/geo-registry/.venv/bin:$PATH npm ci --ignore-scripts --no-audit --no-fund \
  && .venv/bin/python scripts/vendor.py \
  && rm -rf node_modules

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY migrations migrations
COPY geo_registry geo_registry
COPY api api
COPY tiles tiles
RUN /opt/uv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --offline -e . \
  && .venv/bin/python -m compileall -q geo_registry api tiles migrations

FROM ${PYTHON_IMAGE}
# pg_dump and pg_restore for `geo-registry db backup|restore` (the server is a container of its own), and the letters of
# reports' maps.
RUN apt-get update -q \
  && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends fonts-droid-fallback postgresql-client \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin registry \
  && install -d -o registry -g registry -m 0750 /data
COPY --from=build /opt/geo-registry /opt/geo-registry
ENV PATH=/opt/geo-registry/.venv/bin:$PATH \
  PYTHONDONTWRITEBYTECODE=1 \
  PYTHONUNBUFFERED=1 \
  GEO_DATA_DIR=/data
WORKDIR /data
# By number, so that a cluster that insists on unprivileged images can see that this is one.
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["geo-registry"]
CMD ["--help"]
