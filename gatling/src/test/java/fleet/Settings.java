package fleet;

import java.nio.file.Path;

/** What the simulation is told, as system properties (gatling/main.ts sets them). */
final class Settings {
  static final String GATEWAY = get("fleet.gateway");
  /** Of a customer's server: it does not run out as an access token does. */
  static final String API_KEY = get("fleet.apiKey");
  static final String OPERATOR_TOKEN = get("fleet.operatorToken");
  /** Orders go to places around this one, degrees. */
  static final double BASE_LAT = Double.parseDouble(get("fleet.baseLat"));
  static final double BASE_LON = Double.parseDouble(get("fleet.baseLon"));
  static final String DRONE_BROKERS = get("fleet.droneBrokers");
  /** A drone host's folder: host.json, certificates, a MAC key of each drone. */
  static final Path DRONE_HOST = Path.of(get("fleet.droneHost"));
  static final String PROFILE = get("fleet.profile");
  /** Where what was offered, accepted and completed is written, a line a second. */
  static final Path RECORD = Path.of(get("fleet.record"));
  static final int SOAK_MINUTES = Integer.parseInt(get("fleet.soakMinutes"));
  static final double STRESS_STEP = Double.parseDouble(get("fleet.stressStep"));
  static final int STRESS_STEPS = Integer.parseInt(get("fleet.stressSteps"));
  static final int STRESS_STEP_S = Integer.parseInt(get("fleet.stressStepS"));

  private Settings() {}

  private static String get(String name) {
    String value = System.getProperty(name);
    if (value == null || value.isEmpty())
      throw new IllegalArgumentException(name + " is not set: run this by npm run gatling");
    return value;
  }
}
