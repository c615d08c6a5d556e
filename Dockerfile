# One image for every Node part: the services, the gateway, the simulated drones and the jobs of the first start.
# Which of them it is, is the command: `services/order/main.ts`, `gateway/main.ts`, ... (docker-compose.*.yml).

FROM node:24-bookworm-slim AS manifests
WORKDIR /source
COPY . .
# The manifests alone, so that the next stage is built anew only where a dependency changed.
RUN mkdir /manifests \
 && find . \( -name package.json -o -name package-lock.json -o -name .npmrc \) -exec cp --parents {} /manifests \;

FROM node:24-bookworm-slim AS dependencies
# Behind a registry of one's own: --build-arg NPM_CONFIG_REGISTRY=...
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
      --workspace services/order --workspace services/itinerary --workspace services/position \
      --workspace services/drone-health --workspace gateway --workspace drone-sim --workspace snort --workspace local \
 && npm cache clean --force

# The gateway's pages: what builds them stays in this stage.
FROM node:24-bookworm-slim AS pages
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-audit --no-fund --workspace gateway/dashboard && npm cache clean --force
COPY tsconfig.base.json ./
COPY packages/contracts ./packages/contracts
COPY gateway/dashboard ./gateway/dashboard
RUN npm run build --workspace gateway/dashboard

FROM node:24-bookworm-slim
# A user of its own, by number: file rights on volumes and on other hosts are given to that number.
RUN groupadd --gid 10001 fleet \
 && useradd --uid 10001 --gid fleet --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin fleet \
 && mkdir --parents /run/fleet /var/lib/fleet \
 && chown fleet:fleet /run/fleet /var/lib/fleet
WORKDIR /app
COPY --from=dependencies /app ./
COPY docker ./docker
COPY packages ./packages
COPY services ./services
COPY gateway ./gateway
COPY --from=pages /app/gateway/dashboard/dist ./gateway/dashboard/dist
COPY drone-sim ./drone-sim
COPY snort ./snort
COPY local ./local
ENV NODE_ENV=production NODE_NO_WARNINGS=1 HTTP_HOST=0.0.0.0 HTTP_PORT=8080
USER 10001:10001
ENTRYPOINT ["/app/docker/start"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=4 CMD ["/app/docker/ready"]
