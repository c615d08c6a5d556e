/**
 * The figures of the fleet's one drone model, which dispatch plans with and the simulator flies with.
 * Values are of the class of a 10 kg delivery multicopter; a second model makes this a table.
 */
export const droneModel = {
  cruiseSpeedMps: 20,
  climbSpeedMps: 5,
  descentSpeedMps: 3,
  accelerationMps2: 2.5,
  cruiseHeightM: 80,
  /** The parcel is lowered from here: the drone never lands at the customer. */
  handOverHeightM: 4,
  /** Within this of its base it is at home, where it may be given a flight. */
  atBaseM: 100,
  payloadGMax: 2_500,
  /** Battery used a second, in percent, by what the drone does. Cruising is cheaper than hovering. */
  hoverPctPerS: 0.05,
  cruisePctPerS: 0.04,
  climbPctPerS: 0.07,
  descentPctPerS: 0.04,
  /** A full parcel adds this share to every consumption. */
  payloadFactorMax: 0.25,
  chargePctPerS: 0.2,
  /** What must be left when it lands, as planned. */
  reservePct: 15,
  /** How long a drone hovers for its permit before it flies home; planned for in the battery. */
  hoverMsMax: 300_000,
  /** How long a hand-over permit runs from the request. */
  permitMs: 60_000,
  /**
   * How long a drone waits for an answer to its request before it asks anew, which makes an answer that is under way worthless:
   * most of a permit's time, so that what is left is enough to let go.
   */
  permitAskAgainMs: 40_000,
  /** A request that is read later than this is not answered: the answer would find that the drone has asked anew. */
  permitRequestMsMax: 30_000,
  positionPeriodMs: 1_000,
} as const
