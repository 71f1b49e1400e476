# Two stages: what builds the exporter stays behind. Every package is the one whose hash requirements.lock names.
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/exporter
COPY requirements.lock .
RUN /opt/exporter/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY exporter exporter
RUN /opt/exporter/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
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
