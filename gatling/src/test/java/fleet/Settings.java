package fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** What the simulation is told, in a file that gatling/main.ts writes: it holds keys, which do not belong on a command line. */
final class Settings {
  private static final Properties FILE = load();
  static final String GATEWAY = get("gateway");
  /** Of a customer's server: it does not run out as an access token does. */
  static final String API_KEY = get("apiKey");
  private static final Path OPERATOR_TOKEN_FILE = Path.of(get("operatorTokenFile"));
  /** Orders go to places around this one, degrees. */
  static final double BASE_LAT = Double.parseDouble(get("baseLat"));
  static final double BASE_LON = Double.parseDouble(get("baseLon"));
  static final String DRONE_BROKERS = get("droneBrokers");
  /** A drone host's folder: host.json, certificates, a MAC key of each drone. */
  static final Path DRONE_HOST = Path.of(get("droneHost"));
  static final String PROFILE = get("profile");
  /** Where what was offered, accepted and completed is written, a line a second. */
  static final Path RECORD = Path.of(get("record"));
  static final int SOAK_MINUTES = Integer.parseInt(get("soakMinutes"));
  static final double STRESS_STEP = Double.parseDouble(get("stressStep"));
  static final int STRESS_STEPS = Integer.parseInt(get("stressSteps"));
  static final int STRESS_STEP_S = Integer.parseInt(get("stressStepS"));
  /** The gateway is attacked meanwhile: how long an answer takes is judged by who attacks. */
  static final boolean ATTACKED = Boolean.parseBoolean(get("attacked"));
  static final int STRESS_WARM_UP_S = Integer.parseInt(get("stressWarmUpS"));

  private Settings() {}

  /** An access token of an operator with minutes to live: gatling/main.ts renews the file while the run lasts. */
  static String operatorToken() {
    try {
      return Files.readString(OPERATOR_TOKEN_FILE).trim();
    } catch (IOException error) {
      throw new IllegalStateException("cannot read " + OPERATOR_TOKEN_FILE, error);
    }
  }

  private static String get(String name) {
    String value = FILE.getProperty(name);
    if (value == null || value.isEmpty()) throw new IllegalArgumentException(name + " is not set in fleet.settings");
    return value;
  }

  private static Properties load() {
    String file = System.getProperty("fleet.settings");
    if (file == null) throw new IllegalArgumentException("fleet.settings names no file: run this by npm run gatling");
    Properties read = new Properties();
    try (var reader = Files.newBufferedReader(Path.of(file))) {
      read.load(reader);
    } catch (IOException error) {
      throw new IllegalStateException("cannot read " + file, error);
    }
    return read;
  }
}
