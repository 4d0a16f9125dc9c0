# METADATA
# description: |
#   Workloads through their wrapper: the pod template, its containers, mounts and claims, wherever the kind keeps them.
package lib.workload

import data.lib.engines
import data.lib.storage

# METADATA
# description: |
#   Path from the object's root to its pod spec; undefined for an object without one.
pod_path(obj) := ["spec"] if {
	obj.kind == "Pod"
} else := ["spec", "jobTemplate", "spec", "template", "spec"] if {
	obj.kind == "CronJob"
} else := ["spec", "template", "spec"] if {
	obj.spec.template.spec
}

# METADATA
# description: The pod spec, wherever the kind keeps it; undefined for an object without one.
pod_spec(obj) := spec if {
	spec := object.get(obj, pod_path(obj), null)
	is_object(spec)
}

# METADATA
# description: |
#   Containers that run as long as the pod does, restartable init containers included: {container, path}, path
#   from the object's root (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
running(obj) := {{"container": container, "path": array.concat(pod_path(obj), ["containers", i])} |
	some i, container in pod_spec(obj).containers
} | {{"container": container, "path": array.concat(pod_path(obj), ["initContainers", i])} |
	some i, container in pod_spec(obj).initContainers
	container.restartPolicy == "Always"
}

# METADATA
# description: Every container, init containers included, as running has them.
containers(obj) := running(obj) | {{"container": container, "path": array.concat(pod_path(obj), ["initContainers", i])} |
	some i, container in pod_spec(obj).initContainers
}

# METADATA
# description: |
#   The pod's volumes as {volume, path}, path from the object's root. A StatefulSet's claim template replaces a
#   volume of the same name (pkg/controller/statefulset/stateful_set_utils.go, updateStorage).
volumes(obj) := {{"volume": volume, "path": array.concat(pod_path(obj), ["volumes", i])} |
	some i, volume in pod_spec(obj).volumes
	not volume.name in {template.metadata.name | some template in claim_templates(obj)}
}

# METADATA
# description: A StatefulSet's claim templates; empty for every other kind.
claim_templates(obj) := object.get(obj, ["spec", "volumeClaimTemplates"], []) if {
	obj.kind == "StatefulSet"
} else := []

# METADATA
# description: Some container mounts the volume of that name without readOnly.
mounted_writable(obj, volume_name) if {
	some entry in containers(obj)
	some mount in entry.container.volumeMounts
	mount.name == volume_name
	not mount.readOnly == true
}

mounted_writable(obj, volume_name) if {
	some entry in containers(obj)
	some device in entry.container.volumeDevices
	device.name == volume_name
}

# METADATA
# description: |
#   Claims that the pods share by name and write to, {name, volume, path}; path is that of the claim's name.
#   Claim templates and ephemeral claims are not among them: every pod has its own.
claims(obj) := {{
	"name": entry.volume.persistentVolumeClaim.claimName,
	"volume": entry.volume.name,
	"path": array.concat(entry.path, ["persistentVolumeClaim", "claimName"]),
} |
	some entry in volumes(obj)
	not entry.volume.persistentVolumeClaim.readOnly == true
	mounted_writable(obj, entry.volume.name)
}

# METADATA
# description: |
#   How many pods the object asks for at once: spec.replicas, parallelism of a Job, else 1
#   (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/).
replicas(obj) := object.get(obj, ["spec", "parallelism"], 1) if {
	obj.kind == "Job"
} else := object.get(obj, ["spec", "replicas"], 1)

# METADATA
# description: |
#   How many pods there may be: replicas, or what a HorizontalPodAutoscaler may make of them.
max_replicas(obj) := max({replicas(obj)} | {limit |
	some limit in autoscaled[sprintf("%s/%s/%s", [
		object.get(obj, ["metadata", "namespace"], ""),
		obj.kind,
		obj.metadata.name,
	])]
})

# METADATA
# description: |
#   The limits of HorizontalPodAutoscalers by what they scale, "namespace/kind/name".
autoscaled := {key: limits |
	some [key, _] in _autoscalers
	limits := {limit | some [key, limit] in _autoscalers}
}

_autoscalers contains [key, scaler.spec.maxReplicas] if {
	some ns, versions in data.inventory.namespace
	some version in ["autoscaling/v2", "autoscaling/v1"]
	some scaler in versions[version].HorizontalPodAutoscaler
	target := scaler.spec.scaleTargetRef
	key := sprintf("%s/%s/%s", [ns, target.kind, target.name])
}

# METADATA
# description: |
#   Data engines that the object serves, {engine, container, path}; empty for clients, dumps, exporters and Jobs.
serves(obj) := set() if {
	obj.kind in {"Job", "CronJob"}
} else := {{"engine": engine, "container": entry.container.name, "path": entry.path} |
	some entry in running(obj)
	engine := engines.of_image(entry.container.image)
	not _client(entry.container)
}

_client(container) if {
	program := array.concat(
		object.get(container, "command", []),
		object.get(container, "args", []),
	)[0]
	segments := split(program, "/")
	segments[count(segments) - 1] in _clients
}

_client(container) if {
	words := array.concat(object.get(container, "command", []), object.get(container, "args", []))
	some word in words
	contains(word, "dump")
}

_clients := {
	"clickhouse-client", "cqlsh", "etcdctl", "influx", "mariadb", "mariadb-dump", "mc", "mongo", "mongodump",
	"mongosh", "mysql", "mysqladmin", "mysqldump", "nats", "pg_basebackup", "pg_dump", "pg_dumpall", "pg_isready",
	"pg_restore", "psql", "rabbitmqadmin", "redis-cli", "sleep", "valkey-cli", "zkCli.sh",
}

# METADATA
# description: |
#   What a pod may do with the claim of that name in the object's namespace: {claim} as shown, or {unknown} with
#   the key of a claim that nobody showed.
shown_claim(ns, name) := {"claim": storage.claim(ns, name)} if {
	storage.claim(ns, name)
} else := {"unknown": sprintf("v1/PersistentVolumeClaim/%s/%s", [ns, name])}
