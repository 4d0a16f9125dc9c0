# METADATA
# description: |
#   Claims, volumes and classes: look-ups in the inventory, and the defaults that the API server would fill in.
package lib.storage

# METADATA
# description: |
#   The claim of that namespace and name; undefined when nobody showed it.
claim(ns, name) := data.inventory.namespace[ns].v1.PersistentVolumeClaim[name]

# METADATA
# description: |
#   The volume of that name; undefined when nobody showed it.
volume(name) := data.inventory.cluster.v1.PersistentVolume[name]

# METADATA
# description: |
#   The StorageClass of that name; undefined when nobody showed it.
class(name) := data.inventory.cluster["storage.k8s.io/v1"].StorageClass[name]

# METADATA
# description: |
#   The name of the class that a claim or claim template asks for: "" for none at all (spec.storageClassName ""),
#   undefined where it leaves the choice to the default class.
class_name(obj) := name if {
	name := obj.metadata.annotations["volume.beta.kubernetes.io/storage-class"]
} else := name if {
	name := obj.spec.storageClassName
	is_string(name)
}

# METADATA
# description: |
#   The name of the default class; the newest where several are (pkg/volume/util/storageclass.go, GetDefaultClass).
#   Undefined when nobody showed one.
default_class := min({name | some [created, name] in _default_classes; created == newest}) if {
	newest := max({created | some [created, _] in _default_classes})
}

_default_classes := {[created, name] |
	some name, obj in data.inventory.cluster["storage.k8s.io/v1"].StorageClass
	some key in ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
	obj.metadata.annotations[key] == "true"
	created := object.get(obj, ["metadata", "creationTimestamp"], "")
}

# METADATA
# description: |
#   The name of a claim's volume: the one it names, else the one that is reserved for it (spec.claimRef).
#   Undefined for a claim that has none yet.
volume_name(obj) := obj.spec.volumeName if {
	obj.spec.volumeName != ""
} else := sort(volumes_of_claim(_claim_key(obj.metadata)))[0]

# METADATA
# description: |
#   Names of the volumes that are reserved for or bound to the claim "namespace/name".
# custom: {index: volumes_by_claim}
volumes_of_claim(key) := {name |
	[claim_ns, claim_name] := split(key, "/")
	some name, obj in data.inventory.cluster.v1.PersistentVolume
	obj.spec.claimRef.name == claim_name
	obj.spec.claimRef.namespace == claim_ns
}

# METADATA
# description: |
#   Names of volumes by the claim that they are reserved for or bound to, "namespace/name".
volumes_by_claim := {key: names |
	some key in {_claim_key(volume.spec.claimRef) | some volume in data.inventory.cluster.v1.PersistentVolume}
	names := {name |
		some name, other in data.inventory.cluster.v1.PersistentVolume
		key == _claim_key(other.spec.claimRef)
	}
}

_claim_key(ref) := concat("/", [ref.namespace, ref.name])

# METADATA
# description: |
#   Names of the claims that are "namespace/name" without the number at its end: a StatefulSet names the claims of a
#   template <template>-<set>-<ordinal> (pkg/controller/statefulset/stateful_set_utils.go, getPersistentVolumeClaimName).
# custom: {index: claims_by_stem}
claims_of_stem(key) := {name |
	[ns, stem] := split(key, "/")
	some name, _ in data.inventory.namespace[ns].v1.PersistentVolumeClaim
	trim_right(name, "0123456789") == stem
}

# METADATA
# description: |
#   Names of claims by "namespace/name" without the number at its end.
claims_by_stem := {key: names |
	some key in {_stem(ns, name) |
		some ns, versions in data.inventory.namespace
		some name, _ in versions.v1.PersistentVolumeClaim
	}
	names := {other |
		some other_ns, others in data.inventory.namespace
		some other, _ in others.v1.PersistentVolumeClaim
		key == _stem(other_ns, other)
	}
}

_stem(ns, name) := sprintf("%s/%s", [ns, trim_right(name, "0123456789")])

# METADATA
# description: |
#   What happens to a volume's data when its claim goes. Absent means Retain: the API server fills it in for a
#   volume that a person wrote; classes default to Delete
#   (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming).
reclaim(obj) := policy if {
	policy := obj.spec.persistentVolumeReclaimPolicy
	not policy in {"", null}
} else := "Retain"

# METADATA
# description: The volume is known to keep its data when its claim goes.
retained(obj) if reclaim(obj) == "Retain"

# METADATA
# description: |
#   Access modes of a claim, a claim template or a volume; empty when it names none.
modes(obj) := {mode | some mode in obj.spec.accessModes}

# METADATA
# description: Several nodes may write to it.
many_writers(obj) if "ReadWriteMany" in modes(obj)

# METADATA
# description: |
#   One node, or one pod, may write to it: the modes name no sharing one.
one_node(obj) if {
	count(modes(obj)) > 0
	count(modes(obj) & {"ReadWriteMany", "ReadOnlyMany"}) == 0
}

# METADATA
# description: |
#   Someone showed a volume together with its status: the inventory is of a live cluster, not of files alone.
default live := false

live if {
	some obj in data.inventory.cluster.v1.PersistentVolume
	obj.status.phase
}

# METADATA
# description: The volume's data lives on one node's disk.
node_local(obj) if obj.spec.local

node_local(obj) if obj.spec.hostPath

node_local(obj) if _on_one_node(obj.spec.csi.driver)

node_local(obj) if _on_one_node(obj.metadata.annotations["pv.kubernetes.io/provisioned-by"])

# METADATA
# description: The class makes volumes on one node's disk.
node_local_class(obj) if _on_one_node(obj.provisioner)

_on_one_node(name) if name in node_local_provisioners

# The chart of local-path-provisioner names it after the release.
_on_one_node(name) if endswith(name, "local-path-provisioner")

# METADATA
# description: |
#   Provisioners and drivers whose volumes live on one node. kubernetes.io/no-provisioner is the class of static
#   local volumes (https://kubernetes.io/docs/concepts/storage/volumes/#local).
node_local_provisioners := {
	"carina.storage.io",
	"directpv-min-io",
	"docker.io/hostpath",
	"hostpath.csi.k8s.io",
	"k8s.io/minikube-hostpath",
	"kubernetes.io/no-provisioner",
	"kubevirt.io.hostpath-provisioner",
	"local.csi.aliyun.com",
	"local.csi.openebs.io",
	"lvm.csi.metal-stack.io",
	"microk8s.io/hostpath",
	"openebs.io/local",
	"rancher.io/local-path",
	"topolvm.cybozu.com",
	"topolvm.io",
	"zfs.csi.openebs.io",
}
