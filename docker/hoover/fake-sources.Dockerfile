# A stand-in for SQL Server with the invented reporting database and warehouse: `emap`, of its image, on PostgreSQL.
ARG EMAP_IMAGE=emap-emap
FROM ${EMAP_IMAGE} AS emap

FROM postgres:15
COPY --from=emap /usr/local/bin/program /usr/local/bin/emap
COPY test-files/clarity /fakes/clarity
COPY test-files/caboodle /fakes/caboodle
USER postgres
EXPOSE 1433
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["bash", "-c", ": </dev/tcp/127.0.0.1/1433"]
ENTRYPOINT ["/usr/local/bin/emap"]
CMD ["services", "--only-sql-server", "0.0.0.0:1433", "--fakes", "/fakes"]
