/** A PostgreSQL of the machine's own, in a folder that goes away with it; and positions in it, two ways. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DronePosition } from '@fleet/contracts/drone-positions'
import { waitUntil } from '@fleet/local/wait'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { pack, quantised, unpack } from '../services/position/packed.ts'
import type { HistoryStore } from './stores.ts'

const startMsMax = 30_000

export type Postgres = {
  pool: pg.Pool
  /** SIGKILL to the server, and a start that recovers. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** Starts a server in `folder` on `port`, or gives null where the machine has none. It is not run as root: it refuses that. */
export async function startPostgres(folder: string, port: number): Promise<Postgres | null> {
  const found = spawnSync('sh', ['-c', 'command -v postgres'], { encoding: 'utf8' }).stdout.trim()
  if (found === '') return null
  const bin = dirname(realpathSync(found))
  const asRoot = userInfo().uid === 0
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim())
  const who = asRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  if (asRoot) for (const path of [folder, data]) chownSync(path, who.uid ?? 0, who.gid ?? 0)
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '--auth=trust', '-E', 'UTF8'], {
    ...who,
    cwd: folder,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    // As much as a member of the replica set has; every commit on the disk, as is the default.
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    wal_compression: 'lz4',
  }
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const url = `postgres://bench@127.0.0.1:${port}/postgres`
  let server: ChildProcess
  let pool: pg.Pool
  const start = async () => {
    server = spawn(join(bin, 'postgres'), args, { ...who, cwd: folder, stdio: 'ignore' })
    pool = new pg.Pool({ connectionString: url, max: 8 })
    // Connections that a crash takes: the query that was under way is rejected too, and the next one says what is wrong.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    await waitUntil('PostgreSQL to serve', async () => (await pool.query('SELECT 1')).rowCount === 1, {
      timeoutMs: startMsMax,
    })
  }
  const end = async (signal: 'SIGKILL' | 'SIGINT') => {
    const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    server.kill(signal)
    await gone
  }
  await start()
  return {
    get pool() {
      return pool
    },
    crash: async () => {
      const before = pool
      await end('SIGKILL')
      await before.end()
      await start()
    },
    stop: async () => {
      await pool.end()
      await end('SIGINT')
    },
  }
}

const hourMs = 3_600_000
const offsets = `CREATE TABLE offsets (partition int PRIMARY KEY, next bigint NOT NULL)`

/** Runs `work` and moves the partition's offset in one transaction. */
async function transact(
  pool: pg.Pool,
  { partition, to }: { partition: number; to: number },
  work: (client: pg.PoolClient) => Promise<unknown>,
): Promise<void> {
  const client = await pool.connect()
  let failed: Error | undefined
  try {
    await client.query('BEGIN')
    await work(client)
    await client.query(
      'INSERT INTO offsets VALUES ($1, $2) ON CONFLICT (partition) DO UPDATE SET next = EXCLUDED.next',
      [partition, to],
    )
    await client.query('COMMIT')
  } catch (error) {
    failed = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.release(failed)
  }
}

const columns = 'drone, boot, seq, taken_at_ms, lat_e7, lon_e7, altitude_cm, speed_cmps, heading_cdeg, battery_cpct'
const scaled = (value: number, unit: number) => Math.round(value * unit)

/** A row a position by COPY, partitioned by the hour; BRIN by time, a B-tree for a drone's track. */
export async function postgresRows(postgres: Postgres, span: { fromMs: number; toMs: number }): Promise<HistoryStore> {
  await postgres.pool.query(`
    CREATE TABLE positions (drone text NOT NULL, boot int NOT NULL, seq int NOT NULL, taken_at_ms bigint NOT NULL,
      lat_e7 int NOT NULL, lon_e7 int NOT NULL, altitude_cm int NOT NULL, speed_cmps int NOT NULL,
      heading_cdeg int NOT NULL, battery_cpct int NOT NULL) PARTITION BY RANGE (taken_at_ms);
    CREATE INDEX ON positions USING brin (taken_at_ms);
    CREATE INDEX ON positions (drone, taken_at_ms);
    ${offsets}`)
  for (let ms = span.fromMs - (span.fromMs % hourMs); ms <= span.toMs; ms += hourMs) {
    await postgres.pool.query(
      `CREATE TABLE positions_${ms} PARTITION OF positions FOR VALUES FROM (${ms}) TO (${ms + hourMs})`,
    )
  }
  const line = (p: DronePosition) =>
    `${p.droneId}\t${p.boot}\t${p.seq}\t${p.takenAtMs}\t${scaled(p.lat, 1e7)}\t${scaled(p.lon, 1e7)}\t` +
    `${scaled(p.altitudeM, 100)}\t${scaled(p.speedMps, 100)}\t${scaled(p.headingDeg, 100)}\t${scaled(p.batteryPct, 100)}\n`
  return {
    name: 'PostgreSQL, a row a position by COPY',
    save: ({ partition, to, positions }) =>
      transact(postgres.pool, { partition, to }, (client) =>
        pipeline(
          Readable.from([positions.map(line).join('')]),
          client.query(copyFrom(`COPY positions (${columns}) FROM STDIN`)),
        ),
      ),
    track: async ({ droneId, fromMs, toMs }) => {
      const { rows } = await postgres.pool.query(
        `SELECT ${columns} FROM positions WHERE drone = $1 AND taken_at_ms BETWEEN $2 AND $3 ORDER BY taken_at_ms`,
        [droneId, fromMs, toMs],
      )
      return rows.map((row) =>
        DronePosition.parse({
          droneId: row.drone,
          boot: row.boot,
          seq: row.seq,
          takenAtMs: Number(row.taken_at_ms),
          lat: row.lat_e7 / 1e7,
          lon: row.lon_e7 / 1e7,
          altitudeM: row.altitude_cm / 100,
          speedMps: row.speed_cmps / 100,
          headingDeg: row.heading_cdeg / 100,
          batteryPct: row.battery_cpct / 100,
        }),
      )
    },
    count: async () => Number((await postgres.pool.query('SELECT count(*) AS n FROM positions')).rows[0]?.n),
    bytes: () => databaseBytes(postgres.pool, 'positions%'),
  }
}

/** The packed document of the product, as a row a batch. */
export async function postgresPacked(postgres: Postgres): Promise<HistoryStore> {
  await postgres.pool.query(`
    CREATE TABLE batches (partition int NOT NULL, "to" bigint NOT NULL, n int NOT NULL, drones text[] NOT NULL,
      rows int[] NOT NULL, min_ms bigint NOT NULL, max_ms bigint NOT NULL, columns bytea NOT NULL,
      PRIMARY KEY (partition, "to"));
    CREATE INDEX ON batches (partition, max_ms, min_ms);
    ${offsets}`)
  return {
    name: 'PostgreSQL, packed batches',
    save: ({ partition, to, positions }) =>
      transact(postgres.pool, { partition, to }, (client) => {
        const { n, drones, rows, minTakenAtMs, maxTakenAtMs, columns: bytes } = pack(positions.map(quantised))
        return client.query('INSERT INTO batches VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
          ...[partition, to, n, drones, rows, minTakenAtMs, maxTakenAtMs],
          bytes,
        ])
      }),
    track: async ({ partition, droneId, fromMs, toMs }) => {
      const found = await postgres.pool.query(
        'SELECT drones, rows, columns FROM batches WHERE partition = $1 AND max_ms >= $2 AND min_ms <= $3 AND $4 = ANY(drones)',
        [partition, fromMs, toMs, droneId],
      )
      return found.rows
        .flatMap(({ drones, rows, columns: bytes }) =>
          unpack({ drones, rows, columns: bytes, compressed: false }, droneId),
        )
        .filter(({ takenAtMs }) => takenAtMs >= fromMs && takenAtMs <= toMs)
    },
    count: async () => Number((await postgres.pool.query('SELECT coalesce(sum(n), 0) AS n FROM batches')).rows[0]?.n),
    bytes: () => databaseBytes(postgres.pool, 'batches%'),
  }
}

async function databaseBytes(pool: pg.Pool, like: string): Promise<number> {
  await pool.query('CHECKPOINT')
  const { rows } = await pool.query(
    "SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relkind = 'r' AND relname LIKE $1",
    [like],
  )
  return Number(rows[0]?.bytes)
}
