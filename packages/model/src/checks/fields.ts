import { z } from 'zod'
import { capability } from '../cluster.ts'
import { probeOrigin, probeTarget } from '../target.ts'
import { localized, slug } from '../text.ts'

/** What every kind of check has. */
export const checkFields = {
  id: slug,
  title: localized,
  /** Points this check is worth; 0 = shown and counted in the verdict, but scores nothing. */
  points: z.int().min(0).default(0),
  /** Checks of the same lab that must pass first, else this one is skipped. */
  needs: z.array(slug).default([]),
  /** What the cluster's network must have; where it lacks it, the check is not offered. */
  requires: z.array(capability).default([]),
  /** How long to wait for the cluster to converge before a red is believed. Seconds. */
  within: z.number().positive().max(120).default(15),
  /** How long the answer must stay the same. Seconds. */
  hold: z.number().min(0).max(60).default(0),
}

/** Which nodes a check looks at. */
export const onNodes = {
  /** Positions such as `worker-1`; left out: every node, the control plane too. */
  nodes: z.array(z.string()).min(1).optional(),
}

/** A probe's way: where it starts and where it goes. */
export const probed = { from: probeOrigin, to: probeTarget }
