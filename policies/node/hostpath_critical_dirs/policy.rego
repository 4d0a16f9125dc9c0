# METADATA
# title: Pods do not write to the directories in which a node keeps everybody's data
# description: |
#   The volumes of all pods are mounted below /var/lib/kubelet, and a delete or a move there, or in a directory above
#   it, goes through the mounts into the data itself: a tidy script, a migration of the directory, a wrong rsync option.
#   etcd, the container runtime and storage systems keep their files in directories of the same kind.
#   Directories below are not reported where nothing of others lies in them, such as /var/lib/kubelet/plugins.
#   A namespace that may be lost is no excuse: the data belongs to others. What a mount with readOnly carries below it
#   (other file systems stay writable without recursiveReadOnly) is not reported either.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
#     description: the risks of hostPath, and to mount it read-only and narrow
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts
#     description: readOnly is not recursive
#   - ref: https://github.com/kubernetes/kubernetes/issues/60987
#     description: a recursive delete below the kubelet's directory goes into mounted volumes
# custom:
#   severities: [high, medium]
#   incidents: [kubelet-dir-move]
#   remediation: |
#     Name the directory that the pod needs, or use a subPath, or set readOnly: true and recursiveReadOnly: Enabled
#     (Kubernetes 1.30) on every mount of the volume: readOnly alone leaves writable what is mounted below.
#     A storage driver, backup or node agent that has to write there goes into the parameter allowed, by namespace and
#     service account: kubectl get pod NAME -o jsonpath='{.metadata.namespace}/{.spec.serviceAccountName}'
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Pod, ReplicationController]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [batch], kinds: [CronJob, Job]}
#       - {apiGroups: [apps.kruise.io], kinds: [BroadcastJob, CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Rollout]}
#   asks: [state]
#   reads: []
#   parameters:
#     type: object
#     default: {}
#     properties:
#       paths:
#         description: |
#           Directories of a node and what they hold, as messages say it. A volume counts when it is one of them or
#           above one; with inside also when it is below.
#         type: array
#         items:
#           type: object
#           required: [path, holds]
#           properties:
#             path: {type: string}
#             holds: {type: string}
#             inside: {type: boolean}
#         default:
#           - {path: /var/lib/kubelet, holds: the mounted volumes of every pod}
#           - {path: /var/lib/etcd, holds: the cluster's database, inside: true}
#           - {path: /etc/kubernetes, holds: keys and manifests of the control plane}
#           - {path: /var/lib/containerd, holds: the containers of every pod}
#           - {path: /var/lib/docker, holds: containers and volumes of Docker}
#           - {path: /var/lib/containers, holds: containers and volumes of CRI-O and Podman}
#           - {path: /var/lib/rook, holds: Ceph's monitors, inside: true}
#           - {path: /var/lib/longhorn, holds: Longhorn's replicas}
#           - {path: /var/openebs, holds: OpenEBS volumes, inside: true}
#           - {path: /opt/local-path-provisioner, holds: local-path volumes, inside: true}
#           - {path: /var/lib/rancher/k3s/storage, holds: local-path volumes, inside: true}
#           - {path: /var/lib/rancher/k3s/server/db, holds: the cluster's database, inside: true}
#           - {path: /var/lib/rancher/rke2/server/db, holds: the cluster's database, inside: true}
#           - {path: /dev, holds: the node's disks}
#           - {path: /var/lib/kubelet/pods, holds: the mounted volumes of every pod, inside: true}
#       allowed:
#         description: |
#           Who may write there, as namespace/service account; * stands for every account of the namespace. The node
#           plugins of storage and device drivers, known by what they mount below /var/lib/kubelet, need no entry.
#         type: array
#         items: {type: string}
#         default: [longhorn-system/*, openebs/*, rook-ceph/*, velero/*]
package hostpath_critical_dirs

import data.lib.asked
import data.lib.engines
import data.lib.filepath
import data.lib.meta
import data.lib.process
import data.lib.text
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.state("hostpath-critical-dirs", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# One finding a volume, however many containers mount it: the worst mount speaks.
_problems(obj) := {{
	"msg": sprintf("%s can write to %s: one wrong command in there destroys the data of others", [meta.name(obj), worst.text]),
	"field": meta.pointer(array.concat(entry.path, ["hostPath", "path"])),
	"severity": worst.severity,
} |
	some entry in workload.volumes(obj)

	# Only sooner: most volumes are no host paths.
	entry.volume.hostPath
	not _allowed(obj)
	not _mirror(obj)
	worst := sort(_mounts(obj, entry.volume))[0]
}

_allowed(obj) if {
	spec := workload.pod_spec(obj)
	account := object.get(spec, "serviceAccountName", object.get(spec, "serviceAccount", "default"))
	some name in [account, "*"]
	sprintf("%s/%s", [meta.namespace(obj), name]) in input.parameters.allowed
}

# The kubelet runs a static pod whatever becomes of its image in the API
# (https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/).
_mirror(obj) if obj.metadata.annotations["kubernetes.io/config.mirror"]

_mounts(obj, volume) := {{"severity": _severity(entry.container, held), "text": said} |
	some entry in workload.containers(obj)
	some mount in entry.container.volumeMounts
	mount.name == volume.name
	not mount.readOnly == true
	path := _target(volume.hostPath.path, mount)
	held := [kept | some kept in input.parameters.paths; _endangers(path, kept); not _own(obj, entry.container, kept.path)]
	count(held) > 0
	said := _text(path, held)
}

# What the container sees of the volume. Steps of an expression that nobody can expand here do not count.
_target(path, mount) := filepath.join(path, sub) if {
	sub := mount.subPath
	is_string(sub)
	sub != ""
} else := filepath.join(path, concat("/", array.slice(steps, 0, count(steps) - 1))) if {
	contains(mount.subPathExpr, "$(")
	steps := split(split(mount.subPathExpr, "$(")[0], "/")
} else := filepath.join(path, mount.subPathExpr) if {
	is_string(mount.subPathExpr)
} else := filepath.clean(path)

_endangers(path, kept) if filepath.covers(path, filepath.clean(kept.path))

_endangers(path, kept) if {
	kept.inside
	filepath.covers(filepath.clean(kept.path), path)
}

# etcd writes to its own files.
_own(_, container, path) if {
	path in engines.table[engines.of_image(container.image)].paths
	not process.client(container)
}

# A driver mounts other pods' volumes where the kubelet wants them, and finds disks
# (https://kubernetes-csi.github.io/docs/deploying.html#driver-volume-mounts).
_own(obj, _, path) if {
	path in {"/dev", "/var/lib/kubelet", "/var/lib/kubelet/pods"}
	some entry in workload.volumes(obj)
	some directory in ["/var/lib/kubelet/plugins_registry", "/var/lib/kubelet/device-plugins"]
	filepath.clean(entry.volume.hostPath.path) == directory
}

# Its controller registers nothing on the node and is known by the sidecars that talk to it.
_own(obj, _, path) if {
	path in {"/dev", "/var/lib/kubelet", "/var/lib/kubelet/pods"}
	some entry in workload.running(obj)
	some word in process.words(entry.container)
	startswith(trim_left(word, "-"), "csi-address=")
}

# The device cgroup keeps all but privileged containers from opening disks.
_severity(container, held) := "medium" if {
	{kept.path | some kept in held} == {"/dev"}
	not container.securityContext.privileged == true
} else := "high"

_text(path, held) := sprintf("%s of its node (%s)", [path, held[0].holds]) if {
	filepath.clean(held[0].path) == path
} else := sprintf("%s of its node, which lies in %s (%s)", [path, held[0].path, held[0].holds]) if {
	not filepath.covers(path, filepath.clean(held[0].path))
} else := sprintf("%s of its node, which holds %s", [path, text.few([described |
	some kept in held
	described := sprintf("%s (%s)", [kept.path, kept.holds])
])])
