# METADATA
# title: Deployment stops the old pod before the new one opens its volume
# description: |
#   The default strategy of a Deployment starts the new pod before it stops the old one. On a claim that one node
#   may mount the two meet on the same node and write together; elsewhere the new pod never starts. A database
#   that is opened twice is a corrupt database, on a shared claim as well. Access modes are no write protection.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/run-single-instance-stateful-application/
#     description: use Recreate for a single instance with a volume
# custom:
#   severities: [high, low]
#   incidents: [nfs-recycle-postgres, force-detach-double-write]
#   remediation: |
#     Let the old pod end first, or run the database as a StatefulSet with its own claim:
#     kubectl patch deployment NAME --type merge -p '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'
#   match:
#     kinds: [{apiGroups: [apps], kinds: [Deployment]}]
#   asks: [state]
#   reads: [v1/Namespace, v1/PersistentVolumeClaim]
#   parameters: {type: object, default: {}}
package rwo_deployment_rolling

import data.lib.asked
import data.lib.classify
import data.lib.engines
import data.lib.meta
import data.lib.patch
import data.lib.storage
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.state("rwo-deployment-rolling", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(deployment) := {object.union(
	{
		"msg": sprintf("%s %s while %s", [meta.name(deployment), overlap.text, writes.text]),
		"field": "/spec/strategy/type",
		"severity": overlap.severity,
		"fix": patch.set(deployment, ["spec", "strategy"], {"type": "Recreate"}),
	},
	object.filter(writes, ["unknown"]),
) |
	not deployment.spec.strategy.type == "Recreate"

	# Only sooner: most Deployments have no claim.
	count(_names(deployment)) > 0
	writes := _writes(deployment)
	not classify.disposable(deployment)
	overlap := _overlap(deployment)
}

# A pod that is ending counts as gone: without surge the new one starts while the old one still stops
# (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment).
_overlap(deployment) := {
	"severity": "low",
	"text": "starts new pods as soon as old ones are told to stop (RollingUpdate, maxSurge 0)",
} if {
	deployment.spec.strategy.rollingUpdate.maxSurge in {0, "0", "0%"}
} else := {"severity": "high", "text": "starts new pods before old ones have stopped (RollingUpdate)"}

# One harm, one finding: the surest reason is given.
_writes(deployment) := {"text": sprintf("they write to claim %s, which is %s", [claim.metadata.name, _modes(claim)])} if {
	claim := _shown(deployment)[0]
} else := {"text": sprintf("they run %s on claim %s", [concat(" and ", _single(deployment)), name])} if {
	count(_single(deployment)) > 0
	name := _names(deployment)[0]
} else := {"text": sprintf("they hold data and write to claim %s", [name])} if {
	classify.data_workload(deployment)
	count(classify.data_engines(deployment)) == 0
	name := _names(deployment)[0]
} else := {
	"text": sprintf("they write to claim %s, which nobody showed and which may be for one node only", [name]),
	"unknown": [meta.key("v1", "PersistentVolumeClaim", meta.namespace(deployment), name)],
} if {
	name := _unseen(deployment)[0]
}

_names(deployment) := sort([claim.name | some claim in workload.claims(deployment)])

# ReadOnlyMany beside ReadWriteOnce lets many nodes read, not write.
_shown(deployment) := [claim |
	some name in _names(deployment)
	claim := storage.claim(meta.namespace(deployment), name)
	not storage.many_writers(claim)
	count(storage.modes(claim) & {"ReadWriteOnce", "ReadWriteOncePod"}) > 0
]

_unseen(deployment) := [name |
	some name in _names(deployment)
	not storage.claim(meta.namespace(deployment), name)
]

# Engines that keep a directory to one process; the others are made to share a claim.
_single(deployment) := {engine |
	some engine in classify.data_engines(deployment)
	engines.table[engine].writers != "many"
}

_modes(claim) := concat(" and ", storage.modes(claim))
