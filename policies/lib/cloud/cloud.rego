# METADATA
# description: |
#   Custom resources that stand for a database or a disk of a cloud: Crossplane's, and those of AWS Controllers for
#   Kubernetes, Google's Config Connector and Azure Service Operator. Their deletion deletes what they stand for, unless
#   they say otherwise. A bucket is not among them: a cloud refuses to delete one that is not empty.
package lib.cloud

import data.lib.meta

# METADATA
# description: |
#   "group/Kind" of each of them.
kinds := {
	"bigquery.cnrm.cloud.google.com/BigQueryDataset",
	"bigtable.cnrm.cloud.google.com/BigtableInstance",
	"compute.azure.com/Disk",
	"compute.cnrm.cloud.google.com/ComputeDisk",
	"database.aws.crossplane.io/RDSInstance",
	"dbformysql.azure.com/FlexibleServer",
	"dbformysql.azure.upbound.io/FlexibleServer",
	"dbforpostgresql.azure.com/FlexibleServer",
	"dbforpostgresql.azure.upbound.io/FlexibleServer",
	"documentdb.azure.com/DatabaseAccount",
	"dynamodb.aws.crossplane.io/Table",
	"dynamodb.aws.upbound.io/Table",
	"dynamodb.services.k8s.aws/Table",
	"efs.aws.upbound.io/FileSystem",
	"efs.services.k8s.aws/FileSystem",
	"filestore.cnrm.cloud.google.com/FilestoreInstance",
	"rds.aws.crossplane.io/DBCluster",
	"rds.aws.crossplane.io/DBInstance",
	"rds.aws.m.upbound.io/Cluster",
	"rds.aws.m.upbound.io/Instance",
	"rds.aws.upbound.io/Cluster",
	"rds.aws.upbound.io/Instance",
	"rds.services.k8s.aws/DBCluster",
	"rds.services.k8s.aws/DBInstance",
	"spanner.cnrm.cloud.google.com/SpannerDatabase",
	"spanner.cnrm.cloud.google.com/SpannerInstance",
	"sql.azure.com/Server",
	"sql.azure.com/ServersDatabase",
	"sql.cnrm.cloud.google.com/SQLDatabase",
	"sql.cnrm.cloud.google.com/SQLInstance",
	"sql.gcp.upbound.io/DatabaseInstance",
	"storage.azure.com/StorageAccount",
	"storage.azure.upbound.io/Account",
}

# METADATA
# description: |
#   What the deletion of the object of that "group/Kind" destroys, as lib.operators has it; undefined for every other
#   kind, and where what it stands for stays.
end(obj, kind) := {
	"text": sprintf("%s, so what it stands for in the cloud goes with it", [cause.text]),
	"field": meta.pointer(cause.path),
	"severity": "critical",
	"claims": false,
	"unknown": [],
} if {
	kind in kinds
	not _refused(obj)
	cause := _cause(obj, split(kind, "/")[0])
}

_cause(obj, group) := cause if {
	_crossplane(group)
	cause := _crossplane_cause(obj)
} else := cause if {
	endswith(group, ".services.k8s.aws")
	key := "services.k8s.aws/deletion-policy"
	cause := _annotated(obj, key, object.get(_namespace_annotations(obj), concat(".", [split(group, ".")[0], key]), "delete"), {"retain"})
} else := cause if {
	endswith(group, ".cnrm.cloud.google.com")
	cause := _annotated(obj, "cnrm.cloud.google.com/deletion-policy", "delete", {"abandon"})
} else := cause if {
	endswith(group, ".azure.com")
	cause := _annotated(obj, "serviceoperator.azure.com/reconcile-policy", "manage", {"skip", "detach-on-delete"})
}

_crossplane(group) if endswith(group, ".crossplane.io")

_crossplane(group) if endswith(group, ".upbound.io")

# Whichever field is not at its default decides; Delete among other management policies deletes
# (crossplane-runtime pkg/reconciler/managed/policies.go, ShouldDelete).
_crossplane_cause(obj) := {"path": ["spec", "deletionPolicy"], "text": sprintf("its deletionPolicy is %v", [policy])} if {
	policy := object.get(obj, ["spec", "deletionPolicy"], "Delete")
	policy != "Orphan"
	count(_policies(obj) & {"*", "Delete"}) > 0
} else := {"path": ["spec", "managementPolicies"], "text": "its managementPolicies have Delete"} if {
	"Delete" in _policies(obj)
}

_policies(obj) := {policy | some policy in obj.spec.managementPolicies} if {
	is_array(obj.spec.managementPolicies)
} else := {"*"}

_annotated(obj, key, unset, keeps) := {"path": ["metadata", "annotations", key], "text": sprintf("its annotation %s is %v", [key, value])} if {
	value := obj.metadata.annotations[key]
	not value in keeps
} else := {"path": ["metadata", "annotations", key], "text": sprintf("its annotation %s is not set, which means %v", [key, unset])} if {
	not obj.metadata.annotations[key]
	not unset in keeps
}

_namespace_annotations(obj) := annotations if {
	annotations := data.inventory.cluster.v1.Namespace[meta.namespace(obj)].metadata.annotations
} else := {}

# The cloud itself refuses to delete it.
_refused(obj) if {
	some path in [
		["spec", "deletionProtection"],
		["spec", "deletionProtectionEnabled"],
		["spec", "forProvider", "deletionProtection"],
		["spec", "forProvider", "deletionProtectionEnabled"],
		["spec", "settings", "deletionProtectionEnabled"],
	]
	object.get(obj, path, false) == true
}
