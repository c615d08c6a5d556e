import { expect, it } from '@jest/globals'
import { runCampaign } from './campaign.ts'
import { startOwnStack } from './own-stack.ts'
import { ownTarget } from './target.ts'

it('a short campaign is valid', async () => {
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  await using stack = await startOwnStack({ seed: 5, links: false, nowMs: Date.now, say })

  const { verdict } = await runCampaign({
    target: ownTarget(stack, stack.folder),
    seed: 5,
    seconds: 25,
    say,
    stopped: new AbortController().signal,
  })

  const { lost, doubled, unexpected, unknown } = verdict
  expect({ verdict: verdict.verdict, lost, doubled, unexpected, unknown }).toEqual({
    verdict: 'valid',
    lost: [],
    doubled: [],
    unexpected: [],
    unknown: [],
  })
}, 400_000)
