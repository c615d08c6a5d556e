package fleet;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What customers had, by the second in which they asked: orders offered, accepted, shed (429, 503), failed, and how long the
 * accepted took. A line a second, three seconds late, so that what was asked has been answered; the rest at the end.
 */
final class Record {
  private static final int LATE_S = 3;
  /** A second's latencies; more are not kept, and the 99th percentile is of these. */
  private static final int KEPT_MAX = 20_000;

  private static final class Second {
    long offered;
    long accepted;
    long shed;
    long failed;
    long delivered;
    final ArrayDeque<Integer> tookMs = new ArrayDeque<>();
  }

  private static final Map<Long, Second> SECONDS = new TreeMap<>();
  private static long positions;
  private static PrintWriter out;
  private static ScheduledExecutorService timer;

  private Record() {}

  static synchronized void begin() {
    try {
      out = new PrintWriter(Files.newBufferedWriter(Settings.RECORD), true);
    } catch (IOException error) {
      throw new IllegalStateException("cannot write " + Settings.RECORD, error);
    }
    timer = Executors.newSingleThreadScheduledExecutor();
    timer.scheduleAtFixedRate(() -> write(nowS() - LATE_S), 1, 1, TimeUnit.SECONDS);
  }

  static synchronized void order(int status, long askedAtMs, int tookMs) {
    Second second = SECONDS.computeIfAbsent(askedAtMs / 1_000, at -> new Second());
    second.offered++;
    if (status == 201) {
      second.accepted++;
      if (second.tookMs.size() < KEPT_MAX) second.tookMs.add(tookMs);
    } else if (status == 429 || status == 503) second.shed++;
    else second.failed++;
  }

  static synchronized void delivered() {
    SECONDS.computeIfAbsent(nowS(), at -> new Second()).delivered++;
  }

  static synchronized void position() {
    positions++;
  }

  static synchronized void end() {
    timer.shutdown();
    write(Long.MAX_VALUE);
    out.close();
  }

  private static long nowS() {
    return System.currentTimeMillis() / 1_000;
  }

  private static synchronized void write(long untilS) {
    var iterator = SECONDS.entrySet().iterator();
    while (iterator.hasNext()) {
      var entry = iterator.next();
      if (entry.getKey() > untilS) return;
      Second second = entry.getValue();
      out.printf(
          "{\"atS\":%d,\"offered\":%d,\"accepted\":%d,\"shed\":%d,\"failed\":%d,\"delivered\":%d,\"positions\":%d,\"tookMs\":%s}%n",
          entry.getKey(), second.offered, second.accepted, second.shed, second.failed, second.delivered, positions,
          second.tookMs.toString());
      iterator.remove();
    }
  }
}
