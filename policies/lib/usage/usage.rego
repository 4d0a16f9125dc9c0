# METADATA
# description: |
#   Who writes to a claim: workloads that run on and on, by the claims that they name. A pod that a workload made is
#   not among them, and neither is a Job: the one is its workload, the other comes to an end.
package lib.usage

import data.lib.meta
import data.lib.workload

# METADATA
# description: |
#   Workloads that write to a claim, by "namespace/name" of the claim, each as [apiVersion, kind, name].
writers_by_claim := {key: writers |
	some key in {key | some [key, _] in _uses}
	writers := {writer |
		some [other, writer] in _uses
		key == other
	}
}

# METADATA
# description: The other workloads of the object's namespace that write to the claim of that name, as shown.
others(obj, claim_name) := {other |
	ns := meta.namespace(obj)
	some [version, kind, name] in _writers(sprintf("%s/%s", [ns, claim_name]))
	[kind, name] != [obj.kind, meta.simple(obj)]
	other := data.inventory.namespace[ns][version][kind][name]
}

# METADATA
# custom: {index: writers_by_claim}
_writers(key) := {[version, kind, name] |
	[ns, claim_name] := split(key, "/")
	some [version, kind, name] in (_pods(ns, claim_name) | _wrappers(ns, claim_name))
	obj := data.inventory.namespace[ns][version][kind][name]
	not meta.controlled_by_workload(obj)
	not object.get(obj, ["status", "phase"], "") in {"Succeeded", "Failed"}
	some claim in workload.claims(obj)
	claim.name == claim_name
}

# What names the claim at all, before anyone looks closer.
_pods(ns, claim_name) := {["v1", "Pod", name] |
	some name, obj in data.inventory.namespace[ns].v1.Pod
	some volume in obj.spec.volumes
	volume.persistentVolumeClaim.claimName == claim_name
}

_wrappers(ns, claim_name) := {[version, kind, name] |
	some version, kinds in _kinds
	some kind in kinds
	some name, obj in data.inventory.namespace[ns][version][kind]
	some volume in obj.spec.template.spec.volumes
	volume.persistentVolumeClaim.claimName == claim_name
}

_uses contains [key, [version, kind, name]] if {
	some ns, versions in data.inventory.namespace
	some version, kinds in _kinds
	some kind in kinds
	some name, obj in versions[version][kind]
	not meta.controlled_by_workload(obj)
	not object.get(obj, ["status", "phase"], "") in {"Succeeded", "Failed"}
	some claim in workload.claims(obj)
	key := sprintf("%s/%s", [ns, claim.name])
}

_kinds := {
	"apps/v1": {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"},
	"apps.kruise.io/v1alpha1": {"CloneSet"},
	"argoproj.io/v1alpha1": {"Rollout"},
	"v1": {"Pod", "ReplicationController"},
}
