// Node's own type stripping: tests run the same source that production runs, with no second compiler.
import { stripTypeScriptTypes } from 'node:module'

export default { process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }) }
