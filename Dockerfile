# Two stages: what builds the exporter stays behind. Every package is the one whose hash requirements-image.lock names.
#
#   docker buildx build --sbom=true --provenance=true --tag YOUR-REGISTRY/ai-provider-exporter:0.1.0 --push .
#
# Python 3.12.13 on Debian 13, the index of all platforms, as docker-library/repo-info lists it in
# repos/python/remote/3.12-slim-trixie.md (August 2026). Newer: docker buildx imagetools inspect python:3.12-slim-trixie
ARG PYTHON=python:3.12-slim-trixie@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36

FROM ${PYTHON} AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Without pip: nothing is installed into the image later.
RUN python -m venv --without-pip /opt/exporter
COPY requirements-image.lock .
RUN pip --python /opt/exporter install --require-hashes --only-binary :all: -r requirements-image.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY exporter exporter
RUN pip --python /opt/exporter install --no-deps --no-build-isolation .

FROM ${PYTHON}
LABEL org.opencontainers.image.title="ai-provider-exporter" \
      org.opencontainers.image.description="Prometheus exporter of what AI providers do and what they admit" \
      org.opencontainers.image.licenses="Apache-2.0"
# The base brings the public certificate authorities. Without them every handshake would fail: then the build does.
RUN test -s /etc/ssl/certs/ca-certificates.crt
COPY --from=build /opt/exporter /opt/exporter
# Where budget.state_file belongs: mount a volume here, or what was spent is forgotten with the container.
RUN install --directory --owner=65532 --group=65532 /var/lib/ai-provider-exporter
ENV PATH=/opt/exporter/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# A number, because Kubernetes cannot tell that a name is not root.
USER 65532:65532
EXPOSE 10190
# Whoever runs it asks /-/healthy; a second way of asking would only differ from the first.
HEALTHCHECK NONE
ENTRYPOINT ["ai-provider-exporter"]
CMD ["serve"]
