# The base has Node 24 and nothing else: no shell, no package manager. Pin it by digest when you build for production.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
FROM ${BASE}
COPY dist/ /app/
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8443 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/mc.js"]
CMD ["--help"]
