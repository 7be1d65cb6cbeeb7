# Every service of docker-compose.yml but the database. The base is named by version and Debian release,
# and moves with their security updates; the Python is the oldest we support, on which the tests run.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all: PIP_REQUIRE_HASHES=1

COPY requirements.lock pyproject.toml ./
COPY deploy/part_of_lock.py deploy/
RUN python deploy/part_of_lock.py hatchling > build.lock \
 && python -m venv /build \
 && /build/bin/pip install -r build.lock

# No pip in what is shipped: the one here installs into it.
RUN python deploy/part_of_lock.py 'heliograph[collector,places]' > needed.lock \
 && python -m venv --without-pip /opt/heliograph \
 && /build/bin/pip --python /opt/heliograph/bin/python install -r needed.lock

COPY README.md LICENSE ./
COPY analysis/ analysis/
COPY heliograph/ heliograph/
COPY probes/ probes/
COPY scheduler/ scheduler/
COPY storage/ storage/
# Made here a moment ago, so it has no hash to compare with.
RUN /build/bin/python -m hatchling build -t wheel -d /wheel \
 && PIP_REQUIRE_HASHES=0 /build/bin/pip --python /opt/heliograph/bin/python install --no-deps --no-index /wheel/*.whl

FROM python:3.11-slim-bookworm
# 999 is also whom the official image of PostgreSQL runs as: both read the owner's password, and
# nobody else does. A new volume takes over the owner of the folder where it is first mounted.
RUN groupadd --system --gid 999 heliograph \
 && useradd --system --uid 999 --gid 999 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin heliograph \
 && install -d -o 999 -g 999 -m 0700 /run/secrets/superuser /run/secrets/owner /run/secrets/control \
 && python -m pip uninstall --yes --quiet setuptools wheel pip
COPY --from=build /opt/heliograph /opt/heliograph
COPY deploy/make-secrets.sh deploy/healthy.py deploy/fresh.py /opt/heliograph/deploy/
ENV PATH=/opt/heliograph/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 999:999
ENTRYPOINT ["heliograph"]
CMD ["--help"]
