package fleet;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/** Customers, operators and drones at once; the profile says how many, and what must hold. */
public class FleetSimulation extends Simulation {
  private static final int OPERATORS = 2;
  /** A token that was read has longer to live. */
  private static final int VISIT_S_MAX = 180;
  private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(90);
  private static final int TRIES_MAX = 5;
  private static final long RETRY_AFTER_S_MAX = 10;
  private final Drones drones = new Drones();

  private final HttpProtocolBuilder protocol =
      http.baseUrl(Settings.GATEWAY)
          .authorizationHeader("Bearer " + Settings.API_KEY)
          .contentTypeHeader("application/json")
          .shareConnections()
          .disableCaching() // An order that is read anew is read whole: 304 has no status to follow.
          .disableFollowRedirect();

  /** Places within some 500 m of the base, and parcels of 100 to 1,500 g: the same in each run. */
  private static Iterator<Map<String, Object>> dropPoints() {
    Random random = new Random(7);
    return Stream.generate(
            () -> {
              double lat = Settings.BASE_LAT + (random.nextDouble() - 0.5) * 0.009;
              double lon = Settings.BASE_LON + (random.nextDouble() - 0.5) * 0.009;
              String order =
                  String.format(
                      Locale.ROOT,
                      "{\"dropOff\":{\"lat\":%.6f,\"lon\":%.6f},\"parcel\":{\"weightG\":%d}}",
                      lat, lon, 100 + random.nextInt(1_400));
              return Map.<String, Object>of("order", order, "luck", random.nextInt(100));
            })
        .iterator();
  }

  private static Session notePlaced(Session session) {
    if (session.contains("status"))
      Record.order(session.getInt("status"), session.getLong("askedAtMs"), session.getInt("tookMs"));
    else Record.order(0, session.getLong("askedAtMs"), 0);
    return session;
  }

  /** One try; to be told to come again later is no failure of it. */
  private final ChainBuilder ask =
      exec(session -> session.set("askedAtMs", System.currentTimeMillis()).removeAll("status", "retryAfterS"))
          .exec(
              http("place")
                  .post("/v1/orders")
                  .header("idempotency-key", "#{key}")
                  .body(StringBody("#{order}"))
                  .check(
                      status().saveAs("status"),
                      responseTimeInMillis().saveAs("tookMs"),
                      status().in(201, 429, 503),
                      header("retry-after").optional().saveAs("retryAfterS"),
                      jsonPath("$.orderId").optional().saveAs("orderId")));

  private static boolean isShed(Session session) {
    return session.contains("status") && List.of(429, 503).contains(session.getInt("status"));
  }

  private static Duration retryAfter(Session session) {
    String seconds = session.getString("retryAfterS");
    return Duration.ofSeconds(seconds == null ? 1 : Math.min(RETRY_AFTER_S_MAX, Long.parseLong(seconds)));
  }

  /** The outcome of the last try is the order's. */
  private static Session noteOutcome(Session session) {
    notePlaced(session);
    return session.contains("orderId") ? session : session.markAsFailed();
  }

  private final ChainBuilder order =
      feed(dropPoints()).exec(session -> session.set("key", UUID.randomUUID().toString())).exec(ask);

  private final ChainBuilder placeAtOnce = group("order").on(exec(order).exec(FleetSimulation::noteOutcome));

  /** Who is told to come again does, after as long as it was told, by the same key. */
  private final ChainBuilder place =
      group("order")
          .on(
              exec(order)
                  .asLongAs(session -> isShed(session) && session.getInt("again") < TRIES_MAX - 1, "again")
                  .on(pause(FleetSimulation::retryAfter).exec(ask))
                  .exec(FleetSimulation::noteOutcome));

  /** Who is told to come again reads again at its next turn; what it waits for must come all the same. */
  private final ChainBuilder read =
      exec(
          http("read")
              .get("/v1/orders/#{orderId}")
              .check(status().in(200, 429, 503), jsonPath("$.status").saveAs("at"))); // A problem has a status, too: 503.

  private final ChainBuilder cancel =
      exec(http("cancel").post("/v1/orders/#{orderId}/cancellation").check(status().in(200, 202, 409)));

  private static boolean isDelivered(Session session) {
    return session.contains("at") && List.of("delivered", "closed").contains(session.getString("at"));
  }

  /** Reads now and then until the parcel is there; it is a failure where it is not within the time. */
  private final ChainBuilder follow =
      group("delivered")
          .on(
              asLongAsDuring(session -> !isDelivered(session), DELIVERED_WITHIN)
                  .on(exec(read).pause(Duration.ofMillis(500), Duration.ofMillis(1_500)))
                  .exec(
                      session -> {
                        if (!isDelivered(session)) return session.markAsFailed();
                        Record.delivered();
                        return session;
                      }));

  /** One in ten calls the order off; the others wait for their parcels. */
  private final ScenarioBuilder customers =
      scenario("customers")
          .exec(place)
          .exitHereIfFailed()
          .pause(Duration.ofMillis(200), Duration.ofMillis(800))
          .doIfOrElse(session -> session.getInt("luck") < 10)
          .then(cancel)
          .orElse(follow);

  /** For finding the knee: much reading, and nearly all orders called off, so that drones are not what is measured. */
  private final ScenarioBuilder hurried =
      scenario("hurried customers")
          .exec(placeAtOnce)
          .exitHereIfFailed()
          .repeat(4).on(exec(read))
          .doIf(session -> session.getInt("luck") < 98)
          .then(cancel);

  /** With the token of now: one lasts ten minutes, and a run may last longer. */
  private final ChainBuilder identify = exec(session -> session.set("operatorToken", Settings.operatorToken()));

  /** An operator looks for a while, and comes again with a fresh token. */
  private final ScenarioBuilder operators =
      scenario("operators")
          .repeat(visits())
          .on(
              exec(identify)
                  .exec(
                      sse("fleet stream")
                          .get("/v1/fleet/stream")
                          .header("authorization", "Bearer #{operatorToken}")
                          .await(20)
                          .on(sse.checkMessage("snapshot").check(bodyString().exists())))
                  .during(Duration.ofSeconds(lengthS() / visits()))
                  .on(
                      exec(identify)
                          .exec(
                              http("fleet positions")
                                  .get("/v1/fleet/positions")
                                  .header("authorization", "Bearer #{operatorToken}")
                                  .check(status().in(200, 429, 503)))
                          .pause(2))
                  .exec(sse("leave").close()));

  private static Iterator<Map<String, Object>> droneNumbers() {
    return Stream.iterate(0, number -> number + 1).map(number -> Map.<String, Object>of("drone", number)).iterator();
  }

  private final ScenarioBuilder flying =
      scenario("drones")
          .feed(droneNumbers())
          .during(Duration.ofSeconds(lengthS()), "turn")
          .on(
              exec(
                      session -> {
                        try {
                          drones.send(session.getInt("drone"), session.getInt("turn") + 1L);
                          Record.position();
                          return session;
                        } catch (Exception error) {
                          return session.markAsFailed();
                        }
                      })
                  .pause(Duration.ofMillis(250)));

  /** How often an operator comes. */
  private static int visits() {
    return (lengthS() + VISIT_S_MAX - 1) / VISIT_S_MAX;
  }

  /** For how long operators and drones stay, seconds. */
  private static int lengthS() {
    return switch (Settings.PROFILE) {
      case "smoke" -> 20;
      case "load", "spike" -> 60;
      case "soak" -> Settings.SOAK_MINUTES * 60;
      case "stress" -> Settings.STRESS_WARM_UP_S + Settings.STRESS_STEPS * Settings.STRESS_STEP_S;
      default -> throw new IllegalArgumentException("there is no profile " + Settings.PROFILE);
    };
  }

  private PopulationBuilder customersOf() {
    return switch (Settings.PROFILE) {
      case "smoke" -> customers.injectOpen(rampUsers(26).during(15));
      case "load" -> customers.injectOpen(constantUsersPerSec(1.2).during(60));
      case "spike" -> customers.injectOpen(
          constantUsersPerSec(0.5).during(20), constantUsersPerSec(8).during(8), constantUsersPerSec(0.5).during(32));
      case "soak" -> customers.injectOpen(constantUsersPerSec(0.8).during(lengthS()));
      default -> hurried.injectOpen(
          constantUsersPerSec(2 * Settings.STRESS_STEP).during(Settings.STRESS_WARM_UP_S),
          incrementUsersPerSec(Settings.STRESS_STEP)
              .times(Settings.STRESS_STEPS)
              .eachLevelLasting(Settings.STRESS_STEP_S)
              .startingFrom(Settings.STRESS_STEP));
    };
  }

  @Override
  public void before() {
    Record.begin();
  }

  @Override
  public void after() {
    Record.end();
    drones.close();
  }

  {
    List<PopulationBuilder> populations = new ArrayList<>();
    populations.add(customersOf());
    populations.add(operators.injectOpen(atOnceUsers(OPERATORS)));
    populations.add(flying.injectOpen(atOnceUsers(drones.drones.size())));
    var setUp = setUp(populations).protocols(protocol).maxDuration(Duration.ofSeconds(lengthS() + 120L));
    // Past the knee failures are what is looked for: `stress` judges by what it has found, not here.
    if (!Settings.PROFILE.equals("stress")) setUp.assertions(assertions());
  }

  private static List<Assertion> assertions() {
    double failedPctMax = Settings.PROFILE.equals("spike") ? 10.0 : 1.0;
    List<Assertion> all = new ArrayList<>();
    all.add(global().failedRequests().percent().lte(failedPctMax));
    all.add(details("order").failedRequests().percent().lte(failedPctMax));
    all.add(details("delivered").failedRequests().count().is(0L));
    all.add(details("delivered").successfulRequests().count().gte(20L));
    if (!Settings.ATTACKED) {
      all.add(details("order", "place").responseTime().percentile(99.0).lte(2_000));
      all.add(details("delivered", "read").responseTime().percentile(99.0).lte(1_500));
    }
    return all;
  }
}
