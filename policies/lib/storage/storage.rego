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
#   The name of a claim's volume: the one it names, else the one that is reserved for it (spec.claimRef).
#   Undefined for a claim that has none yet.
volume_name(obj) := obj.spec.volumeName if {
	obj.spec.volumeName != ""
} else := sort(volumes_by_claim[_claim_key(obj.metadata)])[0]

# METADATA
# description: |
#   Names of volumes by the claim that they are reserved for or bound to, "namespace/name".
volumes_by_claim := {key: names |
	some volume in data.inventory.cluster.v1.PersistentVolume
	key := _claim_key(volume.spec.claimRef)
	names := {name |
		some name, other in data.inventory.cluster.v1.PersistentVolume
		key == _claim_key(other.spec.claimRef)
	}
}

_claim_key(ref) := concat("/", [ref.namespace, ref.name])

# METADATA
# description: |
#   What happens to a volume's data when its claim goes. Absent means Retain: the API server fills it in for a
#   volume that a person wrote; classes default to Delete
#   (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming).
reclaim(obj) := object.get(obj, ["spec", "persistentVolumeReclaimPolicy"], "Retain")

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
# description: The volume's data lives on one node's disk.
node_local(obj) if obj.spec.local

node_local(obj) if obj.spec.hostPath

node_local(obj) if obj.spec.csi.driver in node_local_provisioners

node_local(obj) if obj.metadata.annotations["pv.kubernetes.io/provisioned-by"] in node_local_provisioners

# METADATA
# description: The class makes volumes on one node's disk.
node_local_class(obj) if obj.provisioner in node_local_provisioners

# METADATA
# description: |
#   Provisioners and drivers whose volumes live on one node. kubernetes.io/no-provisioner is the class of static
#   local volumes (https://kubernetes.io/docs/concepts/storage/volumes/#local).
node_local_provisioners := {
	"docker.io/hostpath",
	"hostpath.csi.k8s.io",
	"k8s.io/minikube-hostpath",
	"kubernetes.io/no-provisioner",
	"local.csi.openebs.io",
	"microk8s.io/hostpath",
	"openebs.io/local",
	"rancher.io/local-path",
	"topolvm.cybozu.com",
	"topolvm.io",
	"zfs.csi.openebs.io",
}
