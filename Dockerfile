# The base has Node 24 and nothing else: no shell, no package manager. Pin it by digest when you build for production.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
FROM ${BASE}
# The bundle, its workers, and sbom.cdx.json: the packages in it, which a scanner of the image cannot see.
COPY dist/ /app/
USER 65532:65532
# Half of these threads look names up: more than one namespace has look-ups of images under way, whose names may hang.
ENV UV_THREADPOOL_SIZE=128
# Memory for the same CPU: docs/performance.md, "Memory". The bench starts the gate with these, too.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072
EXPOSE 8443 8080
# No debugger by a signal: whoever may signal the process could run code in it.
ENTRYPOINT ["/nodejs/bin/node", "--disable-sigusr1", "--max-semi-space-size=8", "/app/mc.js"]
CMD ["--help"]
