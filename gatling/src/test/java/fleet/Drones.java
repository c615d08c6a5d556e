package fleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Drones that report where they are: docs/drone-protocol.md, sections 1, 2 and 5. One producer speaks for the host, as a real one does. */
final class Drones implements AutoCloseable {
  private static final String TOPIC = "drone.positions";
  private static final long SEND_MS_MAX = 10_000;
  /** Boots grow with the time of the run, so that a run's positions are of later boots than those of the run before. */
  private static final long BOOT_EPOCH_S = 1_700_000_000L;

  record Drone(String id, int keyVersion, byte[] key, double lat, double lon) {}

  final List<Drone> drones;
  private final KafkaProducer<byte[], byte[]> producer;
  private final long boot = System.currentTimeMillis() / 1_000 - BOOT_EPOCH_S;

  Drones() {
    drones = readDrones(Settings.DRONE_HOST);
    Properties settings = new Properties();
    settings.put("bootstrap.servers", Settings.DRONE_BROKERS);
    settings.put("security.protocol", "SSL");
    settings.put("ssl.keystore.type", "PEM");
    settings.put("ssl.keystore.certificate.chain", read(Settings.DRONE_HOST.resolve("host.crt")));
    settings.put("ssl.keystore.key", read(Settings.DRONE_HOST.resolve("host.key")));
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.certificates", read(Settings.DRONE_HOST.resolve("ca.crt")));
    settings.put("acks", "all");
    settings.put("max.in.flight.requests.per.connection", "1");
    settings.put("enable.idempotence", "false"); // Its right is one that drone hosts are not given.
    settings.put("delivery.timeout.ms", "10000");
    settings.put("request.timeout.ms", "5000");
    settings.put("max.block.ms", "10000");
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    producer = new KafkaProducer<>(settings);
  }

  /** Sends sample `seq` of drone `at` of the host, and waits for the brokers. */
  void send(int at, long seq) throws Exception {
    Drone drone = drones.get(at % drones.size());
    byte[] key = drone.id().getBytes(StandardCharsets.UTF_8);
    byte[] value =
        String.format(
                Locale.ROOT,
                "{\"droneId\":\"%s\",\"boot\":%d,\"seq\":%d,\"takenAtMs\":%d,\"lat\":%.6f,\"lon\":%.6f,"
                    + "\"altitudeM\":150,\"speedMps\":0,\"headingDeg\":0,\"batteryPct\":100}",
                drone.id(), boot, seq, System.currentTimeMillis(), drone.lat(), drone.lon())
            .getBytes(StandardCharsets.UTF_8);
    var record = new ProducerRecord<>(TOPIC, key, value);
    record.headers().add("key-version", Integer.toString(drone.keyVersion()).getBytes(StandardCharsets.UTF_8));
    record.headers().add("mac", macOf(drone, key, value).getBytes(StandardCharsets.UTF_8));
    producer.send(record).get(SEND_MS_MAX, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    producer.close();
  }

  static String macOf(Drone drone, byte[] key, byte[] value) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(drone.key(), "HmacSHA256"));
    mac.update(TOPIC.getBytes(StandardCharsets.UTF_8));
    mac.update((byte) 0);
    mac.update(key);
    mac.update((byte) 0);
    return HexFormat.of().formatHex(mac.doFinal(value));
  }

  private static final Pattern DRONE =
      Pattern.compile(
          "\"droneId\":\\s*\"([^\"]+)\".*?\"keyVersion\":\\s*(\\d+).*?\"keyFile\":\\s*\"([^\"]+)\".*?\"lat\":\\s*([-\\d.]+).*?\"lon\":\\s*([-\\d.]+)",
          Pattern.DOTALL);

  private static List<Drone> readDrones(Path host) {
    Matcher matcher = DRONE.matcher(read(host.resolve("host.json")));
    List<Drone> found = new ArrayList<>();
    while (matcher.find()) {
      byte[] key = HexFormat.of().parseHex(read(host.resolve(matcher.group(3))).trim());
      double lat = Double.parseDouble(matcher.group(4));
      double lon = Double.parseDouble(matcher.group(5));
      found.add(new Drone(matcher.group(1), Integer.parseInt(matcher.group(2)), key, lat, lon));
    }
    if (found.isEmpty()) throw new IllegalStateException(host + "/host.json names no drone");
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException error) {
      throw new IllegalStateException("cannot read " + file, error);
    }
  }
}
