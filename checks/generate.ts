/** `npm run generate`. */
import { generate } from './generated.ts'

for (const file of await generate()) process.stdout.write(`${file}\n`)
