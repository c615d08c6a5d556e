-- Snort beside the gateway: what it listens to is the gateway's plain port, whose clients come by their own addresses
-- (docs/decisions/0051). Nothing is blocked here: alerts go as JSON lines to the log folder, and snort/bridge.ts publishes them.
--
-- GATEWAY_PORT: where the gateway serves plain HTTP.

local port = os.getenv('GATEWAY_PORT') or '8080'
local here = os.getenv('SNORT_RULES') or '/etc/fleet-snort/local.rules'

HOME_NET = 'any'

stream = { max_flows = 65536 }
stream_ip = { }
stream_tcp = { session_timeout = 60, max_window = 0 }
-- Requests and answers are taken apart up to here; what we look at stands at their beginning.
http_inspect = { request_depth = 2048, response_depth = 256, unzip = false, normalize_utf = false }

-- A request head that never becomes whole is never reassembled: the rules for it look at the segments themselves.
search_engine = { detect_raw_tcp = true }

binder = {
    { when = { proto = 'tcp', ports = port, role = 'server' }, use = { type = 'http_inspect' } },
    { when = { proto = 'tcp' }, use = { type = 'stream_tcp' } },
}

ips = {
    variables = { nets = { HOME_NET = HOME_NET }, ports = { GATEWAY_PORTS = port } },
    include = here,
}

-- A flood of packets must not become a flood of alerts: of each rule and source one a second.
event_filter = {
    { gid = 1, sid = 1000001, type = 'limit', track = 'by_src', count = 1, seconds = 1 },
    { gid = 1, sid = 1000002, type = 'limit', track = 'by_dst', count = 1, seconds = 1 },
    { gid = 1, sid = 1000003, type = 'limit', track = 'by_src', count = 1, seconds = 1 },
    { gid = 1, sid = 1000004, type = 'limit', track = 'by_src', count = 1, seconds = 1 },
    { gid = 1, sid = 1000005, type = 'limit', track = 'by_src', count = 1, seconds = 1 },
    { gid = 1, sid = 1000006, type = 'limit', track = 'by_dst', count = 1, seconds = 1 },
    { gid = 1, sid = 1000007, type = 'limit', track = 'by_src', count = 1, seconds = 1 },
}

-- At 10 MB the file is set aside, and another begun: the bridge goes on with that one. `start` deletes all but the newest set aside.
alert_json = { file = true, limit = 10, fields = 'seconds src_addr src_port dst_addr dst_port proto gid sid msg' }
