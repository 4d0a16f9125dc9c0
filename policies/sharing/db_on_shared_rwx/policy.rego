# METADATA
# title: Database keeps its files on storage that one pod alone may write to
# description: |
#   ReadWriteMany is leave for every node to write. Engines that keep a directory to one process trust their lock
#   files, and a lock file is no lock between nodes: a second server, from a rolling update, a lost node or another
#   workload, opens the same files and corrupts them. Claim templates are the lesser danger (medium): each pod has a
#   claim of its own, and only a pod that is started while its lost namesake still runs writes to it twice.
#   Not seen here: mounts of the same NFS export that do not go through one claim.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
#     description: what access modes allow, and that they do not protect what is mounted
#   - ref: https://github.com/kubernetes/kubernetes/issues/60903
#     description: what an access mode does not keep from writing
# custom:
#   severities: [high, critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Give each server a claim of its own for one pod, copy the data with the server stopped, then switch over:
#     kubectl scale KIND NAME --replicas=0
#     kubectl apply -f - <<< '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: NEW}, spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: SIZE}}}}'
#     For several servers use a StatefulSet with volumeClaimTemplates and the engine's own replication.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Pod, ReplicationController]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [apps.kruise.io], kinds: [CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [apps.pingcap.com], kinds: [StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Rollout]}
#   asks: [state]
#   reads:
#     - apps/v1/DaemonSet
#     - apps/v1/Deployment
#     - apps/v1/ReplicaSet
#     - apps/v1/StatefulSet
#     - apps.kruise.io/v1alpha1/CloneSet
#     - argoproj.io/v1alpha1/Rollout
#     - autoscaling/v1/HorizontalPodAutoscaler
#     - autoscaling/v2/HorizontalPodAutoscaler
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#     - v1/Pod
#     - v1/ReplicationController
#   parameters:
#     type: object
#     default: {}
#     properties:
#       allowNfsEngines:
#         description: |
#           Engines that may live on shared storage as long as one pod alone uses it, by their names in guard, such
#           as postgres, which supports NFS that is mounted hard. Several pods on one claim are reported all the same.
#         type: array
#         items: {type: string}
#         default: []
package db_on_shared_rwx

import data.lib.asked
import data.lib.classify
import data.lib.engines
import data.lib.meta
import data.lib.storage
import data.lib.text
import data.lib.usage
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.state("db-on-shared-rwx", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# One harm, one finding: what is sure before what may be, then the worst.
_problems(obj) := {object.union(
	{
		"msg": sprintf("%s runs %s on %s", [meta.name(obj), worst.engine, worst.text]),
		"field": meta.pointer(worst.path),
		"severity": worst.severity,
	},
	object.filter(worst, ["unknown"]),
) |
	worst := sort([[_rank(harm), harm] | some harm in _harms(obj)])[0][1]
	not classify.disposable(obj)
}

_rank(harm) := [count(object.get(harm, "unknown", [])), indexof("chm", substring(harm.severity, 0, 1))]

_harms(obj) := {object.union(harm, {"engine": used.engine}) |
	some used in workload.data_mounts(obj)
	engines.table[used.engine].writers != "many"
	some harm in (_shared(obj, used.mount) | _own(obj, used.mount))
	_counts(used.engine, harm.severity)
}

_counts(engine, _) if not engine in input.parameters.allowNfsEngines

_counts(_, "critical")

# Volumes that all pods of the object have in common.
_shared(obj, mount) := {object.union(
	{"text": sprintf("%s%s", [place.text, danger.text]), "severity": danger.severity},
	object.filter(place, ["path", "unknown"]),
) |
	some place in (_claims(obj, mount) | _inline(obj, mount))
	danger := _danger(obj, mount, place.others)
}

_claims(obj, mount) := {object.union(modes, {"path": claim.path, "others": _others(obj, claim.name)}) |
	some claim in workload.claims(obj)
	claim.volume == mount.name
	modes := _modes(meta.namespace(obj), claim.name)
}

# The attach controller asks the volume, not the claim, how many nodes may have it
# (https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/volume/util/util.go, IsMultiAttachAllowed).
_modes(ns, name) := {"text": sprintf("claim %s, which is ReadWriteMany", [name])} if {
	storage.many_writers(storage.claim(ns, name))
} else := {"text": sprintf("claim %s, whose volume %s is ReadWriteMany", [name, volume.metadata.name])} if {
	volume := storage.volume(storage.volume_name(storage.claim(ns, name)))
	storage.many_writers(volume)
} else := {
	"text": sprintf("claim %s, which nobody showed and which may be ReadWriteMany", [name]),
	"unknown": [meta.key("v1", "PersistentVolumeClaim", ns, name)],
} if {
	not storage.claim(ns, name)
}

_others(obj, claim) := sort([meta.name(other) |
	some other in usage.others(obj, claim)
	classify.data_workload(other)
])

# Volumes that a pod names without a claim, and that other pods may name as well.
_inline(obj, mount) := {{
	"text": sprintf("an inline %s volume, which any number of pods may mount", [source]),
	"path": array.concat(entry.path, [source]),
	"others": [],
} |
	some entry in workload.volumes(obj)
	entry.volume.name == mount.name
	some source in ["azureFile", "cephfs", "glusterfs", "nfs"]
	entry.volume[source]
	not entry.volume[source].readOnly == true
}

# The number of pods stands in no message: a change of it would be news about a problem that was there.
_danger(obj, mount, others) := {
	"severity": "critical",
	"text": sprintf(", %s: the servers write to the same files and corrupt them", [several]),
} if {
	object.get(mount, "subPathExpr", "") in {"", null}
	several := _several(obj)
} else := {
	"severity": "critical",
	"text": sprintf(" and which %s to as well: their files lie open to each other, and one deletion takes them all", [_write(others)]),
} if {
	count(others) > 0
} else := {
	"severity": "high",
	"text": ": nothing keeps a second pod from opening the same files, and two servers corrupt them",
}

_several(obj) := "in a pod on every node" if {
	obj.kind == "DaemonSet"
} else := "in more than one pod" if {
	workload.replicas(obj) > 1
} else := sprintf("in up to %d pods (HorizontalPodAutoscaler)", [workload.max_replicas(obj)]) if {
	workload.max_replicas(obj) > 1
}

_write(others) := sprintf("%s writes", others) if {
	count(others) == 1
} else := sprintf("%s write", [text.few(others)])

# Claims that each pod has for itself.
_own(obj, mount) := {{
	"text": sprintf("claims from template %s, which are ReadWriteMany: nothing keeps a pod from its claim while its lost namesake still writes", [mount.name]),
	"path": ["spec", "volumeClaimTemplates", i, "spec", "accessModes"],
	"severity": "medium",
} |
	some i, template in workload.claim_templates(obj)
	template.metadata.name == mount.name
	storage.many_writers(template)
}
