import { expect, test } from 'vitest'
import { kubernetesModule } from './go-steps.ts'

const upstream = `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	example.org/lib v1.2.3
	k8s.io/api v0.0.0
	k8s.io/kube-openapi v0.0.0-20250710124328-f3f2b991d03b
)

require (
	k8s.io/cri-api v0.0.0 // indirect
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/cri-api => ./staging/src/k8s.io/cri-api
)
`

test('staging modules become their published versions; everything else stays', () => {
  expect(kubernetesModule(upstream, 'v1.34.2', 'v0.34.2')).toMatchInlineSnapshot(`
    "module hoplab.dev/kubernetes

    go 1.24.0

    require (
    	example.org/lib v1.2.3
    	k8s.io/api v0.34.2
    	k8s.io/kube-openapi v0.0.0-20250710124328-f3f2b991d03b
    	k8s.io/cri-api v0.34.2 // indirect
    	k8s.io/kubernetes v1.34.2
    )

    replace (
    	k8s.io/api => k8s.io/api v0.34.2
    	k8s.io/cri-api => k8s.io/cri-api v0.34.2
    )
    "
  `)
})
