/**
 * What a flight base → drop point → base takes: time and battery, in still air, from the figures of a drone model.
 * Dispatch plans with it and the drone checks with it before it takes off. It knows no route around zones.
 */

/** The figures of a drone model that a flight depends on; `droneModel` of the contracts has this shape. */
export type DroneFigures = {
  readonly cruiseSpeedMps: number
  readonly climbSpeedMps: number
  readonly descentSpeedMps: number
  readonly accelerationMps2: number
  readonly cruiseHeightM: number
  readonly handOverHeightM: number
  readonly payloadGMax: number
  readonly hoverPctPerS: number
  readonly cruisePctPerS: number
  readonly climbPctPerS: number
  readonly descentPctPerS: number
  readonly payloadFactorMax: number
  readonly reservePct: number
  readonly hoverMsMax: number
}

/** How long the drone is expected to hover at the drop point for its permit and the letting go, in milliseconds. */
export const handOverPauseMs = 5_000

/** Added to the battery that still air needs: gusts, control, and the drone's coarse braking. */
const batteryMargin = 0.05

export type FlightPlan = {
  /** How long each phase lasts, in milliseconds and in the order flown. */
  readonly phasesMs: {
    readonly climbOut: number
    readonly cruiseOut: number
    readonly descendToHandOver: number
    readonly handOver: number
    readonly climbBack: number
    readonly cruiseBack: number
    readonly descendHome: number
  }
  /** Milliseconds from take-off to the expected hand-over. */
  readonly handOverAfterMs: number
  /** Milliseconds from take-off to the landing at base. */
  readonly landedAfterMs: number
  /** What must be in the battery at take-off, in percent: both ways with the parcel aboard, the longest hover, margin and reserve. Above 100: it cannot be flown. */
  readonly batteryNeededPct: number
}

/**
 * Plans the delivery of `weightG` grams to a drop point `distanceM` metres away along the ground.
 * The battery is planned for the worst ending: the permit is refused at the last moment and the parcel flies home.
 */
export function planFlight(figures: DroneFigures, trip: { distanceM: number; weightG: number }): FlightPlan {
  const cruiseMs = motionMs(trip.distanceM, figures.cruiseSpeedMps, figures.accelerationMps2)
  const toHandOverM = Math.max(0, figures.cruiseHeightM - figures.handOverHeightM)
  const phasesMs = {
    climbOut: motionMs(figures.cruiseHeightM, figures.climbSpeedMps, figures.accelerationMps2),
    cruiseOut: cruiseMs,
    descendToHandOver: motionMs(toHandOverM, figures.descentSpeedMps, figures.accelerationMps2),
    handOver: handOverPauseMs,
    climbBack: motionMs(toHandOverM, figures.climbSpeedMps, figures.accelerationMps2),
    cruiseBack: cruiseMs,
    descendHome: motionMs(figures.cruiseHeightM, figures.descentSpeedMps, figures.accelerationMps2),
  }
  const handOverAfterMs = phasesMs.climbOut + phasesMs.cruiseOut + phasesMs.descendToHandOver + phasesMs.handOver
  const emptyPct =
    ((phasesMs.climbOut + phasesMs.climbBack) * figures.climbPctPerS +
      (phasesMs.cruiseOut + phasesMs.cruiseBack) * figures.cruisePctPerS +
      (phasesMs.descendToHandOver + phasesMs.descendHome) * figures.descentPctPerS +
      figures.hoverMsMax * figures.hoverPctPerS) /
    1_000
  return {
    phasesMs,
    handOverAfterMs,
    landedAfterMs: handOverAfterMs + phasesMs.climbBack + phasesMs.cruiseBack + phasesMs.descendHome,
    batteryNeededPct: emptyPct * payloadFactor(figures, trip.weightG) * (1 + batteryMargin) + figures.reservePct,
  }
}

/** Battery in percent that takes the drone from `heightM` over the ground to a landing `distanceM` away, margin included, reserve not. */
export function batteryHomePct(
  figures: DroneFigures,
  way: { distanceM: number; heightM: number; weightG: number },
): number {
  const climbM = Math.max(0, figures.cruiseHeightM - way.heightM)
  const emptyPct =
    (motionMs(climbM, figures.climbSpeedMps, figures.accelerationMps2) * figures.climbPctPerS +
      motionMs(way.distanceM, figures.cruiseSpeedMps, figures.accelerationMps2) * figures.cruisePctPerS +
      motionMs(figures.cruiseHeightM, figures.descentSpeedMps, figures.accelerationMps2) * figures.descentPctPerS) /
    1_000
  return emptyPct * payloadFactor(figures, way.weightG) * (1 + batteryMargin)
}

/** By how much a parcel of `weightG` grams multiplies every consumption; 1 without one. */
export function payloadFactor(
  figures: Pick<DroneFigures, 'payloadFactorMax' | 'payloadGMax'>,
  weightG: number,
): number {
  return 1 + (figures.payloadFactorMax * weightG) / figures.payloadGMax
}

/** Milliseconds from rest to rest over `lengthM` metres: accelerate, hold the top speed where it is reached, brake. */
function motionMs(lengthM: number, topSpeedMps: number, accelerationMps2: number): number {
  const rampsM = topSpeedMps ** 2 / accelerationMps2
  const seconds =
    lengthM >= rampsM
      ? lengthM / topSpeedMps + topSpeedMps / accelerationMps2
      : 2 * Math.sqrt(lengthM / accelerationMps2)
  return seconds * 1_000
}
