/** The bases that a new installation starts with, around Sophia Antipolis. */
import { Base } from '@fleet/contracts/airspace'
import { droneModel } from '@fleet/contracts/drone-model'

const payloadGMax = droneModel.payloadGMax

/** How far a base's drones deliver: with the planned hover, the way back and the reserve this uses about four fifths of a battery. */
const rangeM = 8_000

export const defaultBases: readonly Base[] = [
  { baseId: 'bas_sophia', name: 'Sophia Antipolis', place: { lat: 43.6163, lon: 7.0552 }, rangeM, payloadGMax },
  { baseId: 'bas_antibes', name: 'Antibes', place: { lat: 43.5808, lon: 7.1251 }, rangeM, payloadGMax },
  { baseId: 'bas_cannes', name: 'Cannes', place: { lat: 43.5528, lon: 7.0174 }, rangeM, payloadGMax },
].map((base) => Base.parse(base))
