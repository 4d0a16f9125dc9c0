# METADATA
# description: |
#   Workloads through their wrapper: the pod template, its containers, mounts and claims, wherever the kind keeps them.
package lib.workload

import data.lib.engines
import data.lib.filepath
import data.lib.process
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
# description: |
#   The claim templates of a StatefulSet, or of OpenKruise's CloneSet
#   (https://openkruise.io/docs/user-manuals/cloneset/#support-pvc-templates); empty for every other kind.
claim_templates(obj) := [template | some template in obj.spec.volumeClaimTemplates] if {
	obj.kind in {"StatefulSet", "CloneSet"}
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
#   (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/). A DaemonSet, which has as
#   many as there are nodes, says 1.
replicas(obj) := pods if {
	obj.kind == "Job"
	pods := obj.spec.parallelism
	is_number(pods)
} else := pods if {
	obj.kind != "Job"
	pods := obj.spec.replicas
	is_number(pods)
} else := 1

# METADATA
# description: |
#   How many pods there may be: replicas, or what a HorizontalPodAutoscaler may make of them.
max_replicas(obj) := max({replicas(obj)} | {limit |
	some limit in _limits(sprintf("%s/%s/%s", [
		object.get(obj, ["metadata", "namespace"], ""),
		obj.kind,
		obj.metadata.name,
	]))
})

# METADATA
# custom: {index: autoscaled}
_limits(key) := {limit |
	[ns, kind, name] := split(key, "/")
	some version in ["autoscaling/v2", "autoscaling/v1"]
	some scaler in data.inventory.namespace[ns][version].HorizontalPodAutoscaler
	scaler.spec.scaleTargetRef.name == name
	scaler.spec.scaleTargetRef.kind == kind
	limit := scaler.spec.maxReplicas
	is_number(limit)
}

# METADATA
# description: |
#   The limits of HorizontalPodAutoscalers by what they scale, "namespace/kind/name".
autoscaled := {key: limits |
	some key in {key | some [key, _] in _autoscalers}
	limits := {limit |
		some [scaled, limit] in _autoscalers
		key == scaled
	}
}

_autoscalers contains [key, limit] if {
	some ns, versions in data.inventory.namespace
	some version in ["autoscaling/v2", "autoscaling/v1"]
	some scaler in versions[version].HorizontalPodAutoscaler
	target := scaler.spec.scaleTargetRef
	key := sprintf("%s/%s/%s", [ns, target.kind, target.name])
	limit := scaler.spec.maxReplicas
	is_number(limit)
}

# METADATA
# description: |
#   How few pods there may be: replicas, or what a HorizontalPodAutoscaler or a ScaledObject may leave of them.
min_replicas(obj) := min({replicas(obj)} | {floor |
	some floor in _floors_of(sprintf("%s/%s/%s", [
		object.get(obj, ["metadata", "namespace"], ""),
		obj.kind,
		obj.metadata.name,
	]))
})

# METADATA
# custom: {index: autoscaled_floors}
_floors_of(key) := _scaler_floors(key) | _keda_floors(key)

_scaler_floors(key) := {floor |
	[ns, kind, name] := split(key, "/")
	some version in ["autoscaling/v2", "autoscaling/v1"]
	some scaler in data.inventory.namespace[ns][version].HorizontalPodAutoscaler
	scaler.spec.scaleTargetRef.name == name
	scaler.spec.scaleTargetRef.kind == kind
	floor := object.get(scaler.spec, "minReplicas", 1)
	is_number(floor)
}

# minReplicaCount is 0 where it is absent (https://keda.sh/docs/latest/reference/scaledobject-spec/).
_keda_floors(key) := {floor |
	[ns, kind, name] := split(key, "/")
	some scaler in data.inventory.namespace[ns]["keda.sh/v1alpha1"].ScaledObject
	scaler.spec.scaleTargetRef.name == name
	object.get(scaler.spec.scaleTargetRef, "kind", "Deployment") == kind
	some floor in [object.get(scaler.spec, "minReplicaCount", 0), object.get(scaler.spec, "idleReplicaCount", null)]
	is_number(floor)
}

# METADATA
# description: |
#   The least pods that HorizontalPodAutoscalers and ScaledObjects leave, by what they scale, "namespace/kind/name".
autoscaled_floors := {key: floors |
	some key in {key | some [key, _] in _floors}
	floors := {floor |
		some [scaled, floor] in _floors
		key == scaled
	}
}

_floors contains [key, floor] if {
	some ns, versions in data.inventory.namespace
	some version in ["autoscaling/v2", "autoscaling/v1"]
	some scaler in versions[version].HorizontalPodAutoscaler
	target := scaler.spec.scaleTargetRef
	key := sprintf("%s/%s/%s", [ns, target.kind, target.name])
	floor := object.get(scaler.spec, "minReplicas", 1)
	is_number(floor)
}

# minReplicaCount is 0 where it is absent (https://keda.sh/docs/latest/reference/scaledobject-spec/).
_floors contains [key, floor] if {
	some ns, versions in data.inventory.namespace
	some scaler in versions["keda.sh/v1alpha1"].ScaledObject
	target := scaler.spec.scaleTargetRef
	key := sprintf("%s/%s/%s", [ns, object.get(target, "kind", "Deployment"), target.name])
	some floor in [object.get(scaler.spec, "minReplicaCount", 0), object.get(scaler.spec, "idleReplicaCount", null)]
	is_number(floor)
}

# METADATA
# description: |
#   The claims as shown that a StatefulSet's templates have made, those of pods that are gone included.
own_claims(obj) := {claim |
	some template in claim_templates(obj)
	ns := object.get(obj, ["metadata", "namespace"], "")
	some name in storage.claims_of_stem(sprintf("%s/%s-%s-", [ns, template.metadata.name, obj.metadata.name]))
	claim := storage.claim(ns, name)
}

# METADATA
# description: |
#   Data engines that the object serves, {engine, container, path}; empty for clients, dumps, exporters and Jobs of
#   every make (Job, CronJob, BroadcastJob, ...).
serves(obj) := set() if {
	endswith(obj.kind, "Job")
} else := {{"engine": engine, "container": object.get(entry.container, "name", ""), "path": entry.path} |
	some entry in running(obj)
	engine := engines.of_image(entry.container.image)
	not process.client(entry.container)
}

# METADATA
# description: |
#   The mounts in which the object's engines keep their data, {engine, mount, certain}: those that the engine's
#   directories lie in or that lie in them, else, where nothing is mounted there, every mount that the engine may
#   write to (certain is false then).
data_mounts(obj) := {{"engine": entry.engine, "mount": mount, "certain": found.certain} |
	some entry in serves(obj)
	found := _data_mounts(object.get(obj, entry.path, {}), entry.engine)
	some mount in found.mounts
}

# METADATA
# description: |
#   Someone set the pods up to copy the data among themselves, which the engine alone does not do: a mode of the
#   image, a sentinel, options or ports of a replicating server. What stands in configuration files is not seen.
replicates(obj) if {
	some entry in running(obj)
	some variable in entry.container.env
	some word in {"GALERA", "PATRONI", "REPLICATION", "REPMGR", "SENTINEL"}
	contains(variable.name, word)
}

replicates(obj) if {
	some entry in running(obj)
	some word in ["sentinel", "xtrabackup"]
	contains(entry.container.image, word)
}

replicates(obj) if {
	some entry in running(obj)
	some word in process.words(entry.container)
	some sign in ["cluster-enabled", "group_replication", "group-replication", "gtid", "replicaof", "sentinel", "slaveof"]
	contains(lower(word), sign)
}

# Galera, the bus of a Redis cluster, Redis Sentinel, MySQL group replication.
replicates(obj) if {
	some entry in running(obj)
	some port in entry.container.ports
	port.containerPort in {4567, 16379, 26379, 33061}
}

_data_mounts(container, engine) := {"mounts": mounts, "certain": true} if {
	mounts := {mount |
		some mount in _written(container)
		some directory in process.directories(container, engine)
		_meet(filepath.clean(mount.mountPath), directory)
	}
	count(mounts) > 0
} else := {"mounts": _written(container), "certain": false}

_written(container) := {mount |
	some mount in container.volumeMounts
	not mount.readOnly == true
}

_meet(mounted, directory) if filepath.covers(mounted, directory)

_meet(mounted, directory) if filepath.covers(directory, mounted)
