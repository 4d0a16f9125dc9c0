# METADATA
# title: StatefulSet leaves its claims behind when it is deleted or scaled down
# description: |
#   By default claims outlive their StatefulSet. whenDeleted Delete makes the StatefulSet their owner, so a deletion, a
#   rename, a prune or an uninstall takes them along; whenScaled Delete removes the claims of every pod that a scale-down
#   removes, an autoscaler's included. A claim's volume goes with it unless its reclaim policy is Retain.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
#     description: whenDeleted and whenScaled
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-apps/1847-autoremove-statefulset-pvcs
#     description: the feature, stable since 1.32
# custom:
#   severities: [high, critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     It works on a running StatefulSet: the controller takes its owner references off the claims.
#     kubectl patch statefulset NAME --type merge \
#       -p '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"}}}'
#     Where an operator made the StatefulSet, set it in the custom resource: the operator writes its own value again.
#   match:
#     kinds:
#       - {apiGroups: [apps, apps.kruise.io], kinds: [StatefulSet]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus, PrometheusAgent]}
#       - {apiGroups: [k8s.mariadb.com, enterprise.mariadb.com], kinds: [MariaDB]}
#       - {apiGroups: [rabbitmq.com], kinds: [RabbitmqCluster]}
#   asks: [state]
#   reads:
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#     - autoscaling/v1/HorizontalPodAutoscaler
#     - autoscaling/v2/HorizontalPodAutoscaler
#     - keda.sh/v1alpha1/ScaledObject
#   parameters: {type: object, default: {}}
package sts_pvc_retention_delete

import data.lib.asked
import data.lib.classify
import data.lib.engines
import data.lib.meta
import data.lib.patch
import data.lib.storage
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.state("sts-pvc-retention-delete", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# Deletion and scale-down are two harms. Neither counts the pods: a change of replicas would be news.
_problems(obj) := {{
	"msg": sprintf("%s deletes %s (%s Delete): %s", [meta.name(obj), _events[when], when, fate.text]),
	"field": meta.pointer(field),
	"severity": fate.severity,
	"fix": patch.set(obj, field, "Retain"),
} |
	_makes_claims(obj)
	not classify.disposable(obj)
	some path in _paths
	some when, _ in _events
	field := array.concat(path, [when])
	object.get(obj, field, "Retain") == "Delete"
	fate := _fate(obj, when)
}

_paths := [
	["spec", "persistentVolumeClaimRetentionPolicy"],
	["spec", "override", "statefulSet", "spec", "persistentVolumeClaimRetentionPolicy"],
	["spec", "storage", "pvcRetentionPolicy"],
]

_events := {
	"whenDeleted": "its claims when it is deleted itself",
	"whenScaled": "the claims of every pod that a scale-down removes",
}

_fate(obj, when) := {
	"severity": "medium",
	"text": "the volumes are all Retain, so the data stays in volumes that nothing claims",
} if {
	_retained(obj)
} else := {"severity": "high", "text": _gone} if {
	when == "whenDeleted"
} else := {"severity": "critical", "text": sprintf("%s, and %s", [worse, _gone])} if {
	worse := _worse(obj)
} else := {"severity": "medium", "text": _gone}

_gone := "the data goes with every volume that is not Retain"

_worse(obj) := "it is scaled to 0, so all its claims go" if {
	workload.replicas(obj) == 0
} else := "an autoscaler may scale it to 0, so all its claims may go" if {
	workload.min_replicas(obj) == 0
} else := sprintf("%s keeps no other copy", [_alone(obj)])

# Every claim that is there: one that is not there holds nothing.
_retained(obj) if {
	claims := workload.own_claims(obj)
	count(claims) > 0
	every claim in claims {
		storage.retained(storage.volume(storage.volume_name(claim)))
	}
}

# The engine that has its data once: a new replica starts empty.
_alone(obj) := "Prometheus" if {
	obj.kind == "Prometheus"
} else := "MariaDB" if {
	obj.kind == "MariaDB"
	not obj.spec.galera.enabled == true
	not obj.spec.replication.enabled == true
} else := concat(" and ", single) if {
	single := {engine |
		some engine in classify.data_engines(obj)
		not engines.table[engine].copies
	}
	count(single) > 0
}

# Without storage the operators mount an emptyDir, and a StatefulSet makes claims from templates only.
_makes_claims(obj) if {
	some _ in workload.claim_templates(obj)
}

# Only the custom resources of Prometheus and MariaDB have spec.storage.
_makes_claims(obj) if {
	is_object(obj.spec.storage)
	not obj.spec.storage.emptyDir
	not obj.spec.storage.ephemeral
}

_makes_claims(obj) if {
	obj.kind == "MariaDB"
	not obj.spec.storage.ephemeral == true
}

_makes_claims(obj) if {
	obj.kind == "RabbitmqCluster"
	not object.get(obj, ["spec", "persistence", "storage"], "") in {0, "0", "0Gi"}
}
