# One image for every service: `docker run IMAGE services.gateway`; with no argument, all of them in one process.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS dependencies
RUN python -m venv /venv
COPY requirements/runtime.lock /tmp/runtime.lock
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: -r /tmp/runtime.lock \
    # Nothing is installed into the image after this.
    && /venv/bin/pip uninstall --yes pip setuptools

FROM ${PYTHON_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Chaupal" \
      org.opencontainers.image.description="An event-driven platform that runs WhatsApp groups as learning-and-income communities" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

RUN groupadd --system --gid 10001 chaupal \
    && useradd --system --uid 10001 --gid chaupal --no-create-home --shell /usr/sbin/nologin chaupal
COPY --from=dependencies /venv /venv
WORKDIR /app
COPY shared/ shared/
COPY services/ services/
# The file system may be mounted read-only: what Python would write beside the sources is written now.
RUN /venv/bin/python -m compileall -q shared services

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f\"http://127.0.0.1:{os.environ.get('INTERNAL_PORT', '8081')}/livez\", timeout=4)"]
ENTRYPOINT ["python", "-m"]
CMD ["services"]
