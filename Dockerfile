# A build from the lock file, and a small image that runs the program as an unprivileged user.
# With `--build-arg FROM=released` the program is not built but taken from `target/released`, where the release workflow puts it.
# `.ci/run` runs the same build steps in a clean folder, since no Docker engine is at hand there.
ARG FROM=build

FROM rust:1.95-slim-trixie AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY build ./build
COPY config ./config
COPY src ./src
COPY benches ./benches
RUN cargo build --locked --profile dist --bin astride && mv target/dist/astride /astride

FROM scratch AS released
COPY target/released/astride /astride

FROM ${FROM} AS program

FROM debian:trixie-slim
# git reads local repositories (`astride review`), certificates are needed to speak to GitHub.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/astride --create-home astride
COPY --from=program /astride /usr/local/bin/astride
USER astride
WORKDIR /var/lib/astride
ENV ASTRIDE_SERVER_LISTEN=0.0.0.0:8080 \
    ASTRIDE_STORE_URL=sqlite:///var/lib/astride/astride.db
VOLUME /var/lib/astride
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["astride", "serve", "--health"]
ENTRYPOINT ["astride"]
CMD ["serve"]
