/** Draws an answer as SVG, by Vega-Lite. */
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

export type VisualizationSpec = TopLevelSpec

/** The SVG text of `spec`. */
export const drawSvg = (spec: VisualizationSpec): Promise<string> =>
  new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()
